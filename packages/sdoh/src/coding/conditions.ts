import { type fhir4, joinedLabels, type Labels, labeled, systems } from '@loopwell/fhir';
import { concept } from '../fhir-json/codings.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingDeps, Finding, Instrument, PersonRecord, SiteChoices } from '../model.ts';
import { icd10cmEdition, icd10cmToSuggest } from '../terminology/icd10cm.ts';
import { isOurs } from '../terminology/our-identifiers.ts';
import { conditionOnFile, evidenceOf } from './existing-conditions.ts';
import type { NeedSupports, Support } from './need-evidence.ts';
import { standsFor } from './on-file/condition-need.ts';
import { isActive, isInError, isRefuted, isUnconfirmed } from './on-file/condition-status.ts';
import type { Evidence, Made } from './person-coding.ts';
import { isScore, provenanceOf, unconfirmedCondition } from './profiled-resources.ts';

export type Work = { record: PersonRecord; deps: CodingDeps };

export type CodedNeed = NeedSupports & {
  /** The Condition that stands for it: `Condition/<id>` of the EHR or the id of ours; absent when none may. */
  target: string | undefined;
  condition?: Made<fhir4.Condition>;
  provenance?: Made<fhir4.Provenance>;
  evidenceAdded?: { condition: string; observations: readonly string[] };
  evidence: Evidence[];
  /** A later answer says that there is no such need, and nobody has looked at it: nothing is suggested. */
  outweighed?: boolean;
  /** A Condition on file was refuted or has abated; `unsure` answers may or may not have been judged with it. */
  judged?: { id: string; unsure: readonly Support[] };
  /** A Condition on file that may stand for it, and that cannot be read. */
  unclear?: string;
};

/** One active Condition per person and need: evidence goes to the one that is there, else one of ours is made. */
export function codeNeed(work: Work, need: NeedSupports, isDenied = false): CodedNeed {
  const onFile = conditionOnFile(work.record, need);
  if (onFile.kind === 'active') {
    const target = `Condition/${onFile.id}`;
    const observations = [...new Set(need.supports.map((one) => one.observation))];
    return {
      ...need,
      target,
      evidenceAdded: { condition: target, observations },
      evidence: explain(need.supports, target, work.record.choices),
    };
  }
  if (onFile.kind === 'unclear')
    return { ...need, target: undefined, evidence: [], unclear: `Condition/${onFile.id}` };
  if (isDenied && !isLookedAt(work, standingOf(work, need)))
    return { ...need, target: undefined, evidence: [], outweighed: true };
  if (onFile.kind === 'none') return ownCondition(work, need);
  const judged = { id: `Condition/${onFile.id}`, unsure: onFile.unsure };
  if (onFile.fresh.length === 0) return { ...need, target: undefined, evidence: [], judged };
  return { ...ownCondition(work, { ...need, supports: onFile.fresh }), judged };
}

/** Ours is made anew from all that supports it now, unless somebody has looked at it: then evidence is only added. */
function ownCondition(work: Work, need: NeedSupports): CodedNeed {
  const { record, deps } = work;
  const standing = standingOf(work, need);
  const [first] = standing.supports;
  if (!first)
    return { ...need, target: undefined, evidence: [], judged: { id: standing.id, unsure: [] } };
  const { id, supports, known } = standing;
  const observations = [...new Set(supports.map((one) => one.observation))];
  const isMine = !known || ((isUnconfirmed(known) || isInError(known)) && !record.decided?.has(id));
  const labels = joinedLabels(...supports.map((one) => one.labels));
  // Only where nobody said it directly did a device conclude it (guide, Condition.asserter).
  const direct = supports.find((one) => !isScore(one.finding)) ?? first;
  const resource = isMine
    ? unconfirmedCondition(id, first, direct, observations, labels)
    : withLabels(withEvidence(asChosen(record, known), observations), labels);
  const sources = [
    ...new Set(
      supports.flatMap((support) =>
        support.finding.answers.map((answer) => `${record.base}/${answer.source}`),
      ),
    ),
  ].sort();
  const provenanceId = deps.deriveId(record.tenant, 'provenance', id);
  const recorded = supports.at(-1)?.raw.authored ?? first.raw.authored;
  const evidence = explain(supports, id, record.choices);
  const origin = { sources, policies: policiesOf(evidence), recorded, device: record.device };
  return {
    ...need,
    supports,
    target: id,
    condition: { id, resource, sources: [...observations, ...sources] },
    provenance: {
      id: provenanceId,
      resource: provenanceOf(provenanceId, id, origin),
      sources: [id],
    },
    evidence,
  };
}

type Standing = { id: string; known: fhir4.Condition | undefined; supports: Support[] };

const isLookedAt = ({ record }: Work, { id, known }: Standing) =>
  known !== undefined &&
  (!(isUnconfirmed(known) || isInError(known)) || record.decided?.has(id) === true);

/** A suggestion whose code a person chose stands for what it says now, beside what it was made for. */
function recodedFor({ record }: Work, { supports }: NeedSupports): fhir4.Condition | undefined {
  if (!record.recoded?.size) return undefined;
  return record.made.find(
    (condition) =>
      record.recoded?.has(condition.id ?? '') &&
      isActive(condition) &&
      !isRefuted(condition) &&
      supports.some(
        ({ finding, raw }) =>
          finding.need !== undefined &&
          standsFor(asChosen(record, condition), finding.need, [raw.authored]),
      ),
  );
}

/** Two needs that came to stand for one Condition of ours: it has the evidence of both, and one Provenance. */
export function joined(coded: readonly CodedNeed[]): readonly CodedNeed[] {
  const same = Map.groupBy(coded, (one) => one.condition?.id ?? one.key);
  return same.size === coded.length
    ? coded
    : [...same.values()].flatMap((group) => (group.length < 2 ? group : joinedOnes(group)));
}

function joinedOnes(group: readonly CodedNeed[]): CodedNeed[] {
  const [first, ...others] = group;
  if (!first?.condition || !first.provenance) return [...group];
  const { condition, provenance } = first;
  const references = new Set(
    group.flatMap((one) =>
      one.condition?.resource.evidence?.flatMap((two) => two.detail?.[0]?.reference ?? []),
    ),
  );
  const origins = new Set(
    group.flatMap((one) =>
      one.provenance?.resource.entity?.flatMap((two) => two.what.reference ?? []),
    ),
  );
  const policy = [...new Set(group.flatMap((one) => one.provenance?.resource.policy ?? []))].sort();
  const evidence = [...references].map((reference) => ({
    detail: [{ reference: reference ?? '' }],
  }));
  const entity = [...origins].map((reference) => ({
    role: 'source' as const,
    what: { reference: reference ?? '' },
  }));
  const sources = [...new Set(group.flatMap((one) => one.condition?.sources ?? []))];
  const labels = joinedLabels(
    ...group.flatMap((one) => one.supports.map((support) => support.labels)),
  );
  return [
    {
      ...first,
      condition: {
        id: condition.id,
        resource: { ...withLabels(condition.resource, labels), evidence },
        sources,
      },
      provenance: { ...provenance, resource: { ...provenance.resource, policy, entity } },
    },
    ...others.map(({ condition: _condition, provenance: _provenance, ...rest }) => rest),
  ];
}

/** A refuted one of ours stays refuted for its evidence; answers that it did not rest on make the next. */
function standingOf({ record, deps }: Work, need: NeedSupports): Standing {
  const idOf = (again: number) =>
    deps.deriveId(
      record.tenant,
      'condition',
      record.connection,
      record.person,
      need.key,
      ...(again > 0 ? [String(again)] : []),
    );
  const recoded = recodedFor({ record, deps }, need);
  if (recoded?.id) return { id: recoded.id, known: recoded, supports: need.supports };
  let supports = need.supports;
  for (let again = 0; ; again += 1) {
    const id = idOf(again);
    const condition = record.made.find((one) => one.id === id);
    const copy = objectsOf(record.conditions).find(
      (one) =>
        isOurs(one, record.identity) &&
        objectsOf(one.identifier).some((identifier) => identifier.value === id),
    );
    if (!condition || !(isRefuted(condition) || (copy && isRefuted(copy))))
      return { id, known: condition, supports };
    const judged = evidenceOf(condition);
    supports = supports.filter(
      (one) => !judged.has(one.observation.split('/').slice(-2).join('/')),
    );
    if (supports.length === 0) return { id, known: condition, supports };
  }
}

/** The code that a person chose, whatever a coding pass that knew nothing of it yet wrote meanwhile. */
function asChosen({ recoded }: PersonRecord, condition: fhir4.Condition): fhir4.Condition {
  const code = recoded?.get(condition.id ?? '');
  return code ? { ...condition, code } : condition;
}

/** Labels are added to what somebody has decided on, and never taken away. */
function withLabels(condition: fhir4.Condition, labels: Labels): fhir4.Condition {
  const meta = labeled(condition.meta, labels);
  return meta === condition.meta ? condition : { ...condition, ...(meta ? { meta } : {}) };
}

/** Evidence is added; a status that a person set is never touched, and nothing is taken away. */
function withEvidence(
  condition: fhir4.Condition,
  observations: readonly string[],
): fhir4.Condition {
  const present = new Set(
    objectsOf(condition.evidence).flatMap((conditionEvidence) =>
      objectsOf(conditionEvidence.detail).map((detail) => detail.reference),
    ),
  );
  const added = observations
    .filter((one) => !present.has(one))
    .map((reference) => ({ detail: [{ reference }] }));
  return added.length === 0
    ? condition
    : { ...condition, evidence: [...(condition.evidence ?? []), ...added] };
}

/** Suggestions of before that nothing supports any more: ours to take back, or somebody's to look at again. */
export function unsupported(
  record: PersonRecord,
  coded: readonly CodedNeed[],
): { withdrawn: Made<fhir4.Condition>[]; doubted: fhir4.Condition[] } {
  const standing = new Set(coded.flatMap((one) => one.target ?? []));
  const left = record.made.filter(
    (one) => one.id !== undefined && !standing.has(one.id) && !isInError(one) && !isRefuted(one),
  );
  const isLookedAt = (condition: fhir4.Condition) =>
    !isUnconfirmed(condition) || record.decided?.has(condition.id ?? '') === true;
  return {
    withdrawn: left.filter((one) => !isLookedAt(one)).map(takenBack),
    doubted: left.filter(isLookedAt),
  };
}

/** Marked as a mistake, which it was: FHIR forbids a clinical status then (con-5). */
function takenBack({
  clinicalStatus: _status,
  ...condition
}: fhir4.Condition): Made<fhir4.Condition> {
  const resource = {
    ...condition,
    verificationStatus: concept(systems.conditionVerification, 'entered-in-error'),
  };
  return { id: condition.id ?? '', resource, sources: [] };
}

/** By what a conclusion was drawn, for Provenance: rules first, then code systems. */
function policiesOf(evidence: readonly Evidence[]): string[] {
  const rules = evidence.map(({ rule, ruleVersion }) => `${systems.rule}/${rule}|${ruleVersion}`);
  const versions = evidence.flatMap((one) =>
    one.codeSystems.map(({ system, version }) => `${system}|${version}`),
  );
  const once = (some: string[]) => (some.length < 2 ? some : [...new Set(some)].sort());
  return [...once(rules), ...once(versions)];
}

function explain(
  supports: readonly Support[],
  condition: string,
  choices: SiteChoices | undefined,
): Evidence[] {
  return supports.map(({ finding, observation, raw }) => ({
    condition,
    observation,
    source: finding.answers[0]?.source ?? '',
    rule: finding.rule,
    ruleVersion: finding.ruleVersion ?? raw.instrument?.version ?? '',
    codeSystems: codesOf(finding, raw.instrument, raw.authored, choices),
    authored: raw.authored,
    sentence: `Suggested because ${finding.label} was answered on ${raw.authored.slice(0, 10)} (${raw.instrument?.name ?? ''}).`,
  }));
}

function codesOf(
  finding: Finding,
  instrument: Instrument | undefined,
  authored: string,
  choices: SiteChoices | undefined,
): Evidence['codeSystems'] {
  const { snomed } = finding.need ?? {};
  const isLeftOut = choices?.withoutIcd10cm === true && snomed !== undefined;
  const leaf = finding.need && !isLeftOut ? icd10cmToSuggest(finding.need, authored) : undefined;
  return [
    ...(snomed
      ? [
          {
            system: systems.snomed,
            code: snomed,
            version: instrument?.codeSystems[systems.snomed] ?? '',
          },
        ]
      : []),
    ...(leaf ? [{ system: systems.icd10cm, code: leaf, version: icd10cmEdition(authored) }] : []),
  ];
}
