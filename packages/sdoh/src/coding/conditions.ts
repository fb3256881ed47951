import { type fhir4, joinedLabels, systems } from '@loopwell/fhir';
import { concept } from '../fhir-json/codings.ts';
import { objectsOf } from '../fhir-json/tolerant-readers.ts';
import type { CodingDeps, PersonRecord, SiteChoices } from '../model.ts';
import { isOurs } from '../terminology/our-identifiers.ts';
import { listSuggestedCodes } from '../terminology/suggested-codes.ts';
import { evidenceNamedBy, findExisting, withEvidence, withLabels } from './existing-conditions.ts';
import type { NeedSupports, Support } from './need-evidence.ts';
import { standsFor } from './on-file/condition-need.ts';
import { isActive, isInError, isRefuted, isUnconfirmed } from './on-file/condition-status.ts';
import type { Evidence, Made } from './person-coding.ts';
import { isScore, provenanceOf, unconfirmedCondition } from './profiled-resources.ts';

/** The record that is coded, and the means to code it. */
export type Work = { record: PersonRecord; deps: CodingDeps };

/** A need with its Condition, Provenance and evidence. */
export type CodedNeed = NeedSupports & {
  /**
   * The Condition that stands for it: `Condition/<id>` of the EHR or the id of ours; absent when
   * none may.
   */
  target: string | undefined;
  condition?: Made<fhir4.Condition>;
  provenance?: Made<fhir4.Provenance>;
  evidenceAdded?: { condition: string; observations: readonly string[] };
  evidence: Evidence[];
  /**
   * A later answer denies the need, and no person has decided on its Condition: none is suggested.
   */
  outweighed?: boolean;
  /**
   * A Condition on file was refuted or has abated; `unsure` answers may or may not have been judged
   * with it.
   */
  judged?: { id: string; unsure: readonly Support[] };
  /** A Condition on file that may stand for it, and that cannot be read. */
  unclear?: string;
};

/**
 * Codes one need: adds evidence to the active Condition on file, else makes one of ours, one per
 * person and need.
 */
export function codeNeed(work: Work, need: NeedSupports, isDenied = false): CodedNeed {
  const existing = findExisting(work.record, need);
  const uncoded: CodedNeed = { ...need, target: undefined, evidence: [] };
  if (existing.kind === 'active') return addToExisting(work, need, `Condition/${existing.id}`);
  if (existing.kind === 'unclear') return { ...uncoded, unclear: `Condition/${existing.id}` };
  if (isDenied && !isLookedAt(work, findStanding(work, need)))
    return { ...uncoded, outweighed: true };
  if (existing.kind === 'none') return codeOwnCondition(work, need);
  const judged = { id: `Condition/${existing.id}`, unsure: existing.unsure };
  if (existing.unjudged.length === 0) return { ...uncoded, judged };
  return { ...codeOwnCondition(work, { ...need, supports: existing.unjudged }), judged };
}

const observationsOf = (supports: readonly Support[]) => [
  ...new Set(supports.map((support) => support.observation)),
];

function addToExisting(work: Work, need: NeedSupports, condition: string): CodedNeed {
  return {
    ...need,
    target: condition,
    evidenceAdded: { condition, observations: observationsOf(need.supports) },
    evidence: explainSupports(need.supports, condition, work.record.choices),
  };
}

/**
 * Makes our Condition for a need from its current support. One that a person has decided on only
 * gets more evidence.
 */
function codeOwnCondition(work: Work, need: NeedSupports): CodedNeed {
  const { record, deps } = work;
  const standing = findStanding(work, need);
  const { id, supports } = standing;
  const [first] = supports;
  if (!first) return { ...need, target: undefined, evidence: [], judged: { id, unsure: [] } };
  const observations = observationsOf(supports);
  const sources = listSources(record, supports);
  const evidence = explainSupports(supports, id, record.choices);
  const provenanceId = deps.deriveId(record.tenant, 'provenance', id);
  const provenance = provenanceOf(provenanceId, id, {
    sources,
    policies: listPolicies(evidence),
    recorded: supports.at(-1)?.raw.authored ?? first.raw.authored,
    device: record.device,
  });
  const resource = writeOwn(work, standing, first);
  return {
    ...need,
    supports,
    target: id,
    condition: { id, resource, sources: [...observations, ...sources] },
    provenance: { id: provenanceId, resource: provenance, sources: [id] },
    evidence,
  };
}

/** Writes a Condition of ours: anew, or with evidence added where a person has decided on it. */
function writeOwn(work: Work, standing: Standing, first: Support): fhir4.Condition {
  const { id, stored, supports } = standing;
  const observations = observationsOf(supports);
  const labels = joinedLabels(...supports.map((support) => support.labels));
  if (stored && isLookedAt(work, standing))
    return withLabels(withEvidence(asChosen(work.record, stored), observations), labels);
  // A device is the asserter only where every support is a score (guide, Condition.asserter).
  const direct = supports.find((support) => !isScore(support.finding)) ?? first;
  return unconfirmedCondition(id, first, direct, observations, labels);
}

/** Lists the EHR's resources that the answers came from. */
function listSources({ base }: PersonRecord, supports: readonly Support[]): string[] {
  const answers = supports.flatMap((support) => support.finding.answers);
  return [...new Set(answers.map((answer) => `${base}/${answer.source}`))].sort();
}

/** The Condition of ours that stands for a need, as stored, and the answers that it rests on. */
type Standing = { id: string; stored: fhir4.Condition | undefined; supports: Support[] };

const isLookedAt = ({ record }: Work, { id, stored }: Standing) =>
  stored !== undefined &&
  (!(isUnconfirmed(stored) || isInError(stored)) || record.decided?.has(id) === true);

/**
 * Finds a suggestion whose code a person chose and that stands for this need now, beside the need
 * that it was made for.
 */
function findRecoded({ record }: Work, { supports }: NeedSupports): fhir4.Condition | undefined {
  if (!record.recoded?.size) return undefined;
  const isRecoded = (condition: fhir4.Condition) =>
    record.recoded?.has(condition.id ?? '') && isActive(condition) && !isRefuted(condition);
  return record.made.find((condition) => {
    if (!isRecoded(condition)) return false;
    const chosen = asChosen(record, condition);
    return supports.some(
      ({ finding, raw }) =>
        finding.need !== undefined && standsFor(chosen, finding.need, [raw.authored]),
    );
  });
}

/**
 * Merges needs that have the same Condition of ours. The Condition gets the evidence of all, and
 * one Provenance.
 */
export function mergeByCondition(coded: readonly CodedNeed[]): readonly CodedNeed[] {
  const groups = Map.groupBy(coded, (need) => need.condition?.id ?? need.key);
  if (groups.size === coded.length) return coded;
  return [...groups.values()].flatMap((group) => (group.length < 2 ? group : mergeGroup(group)));
}

function mergeGroup(group: readonly CodedNeed[]): CodedNeed[] {
  const [first, ...others] = group;
  if (!first?.condition || !first.provenance) return [...group];
  const { condition, provenance } = first;
  const conditions = group.map((need) => need.condition?.resource);
  const provenances = group.map((need) => need.provenance?.resource);
  const details = conditions.flatMap((resource) => resource?.evidence ?? []);
  const references = new Set(details.flatMap(({ detail }) => detail?.[0]?.reference ?? []));
  const entities = provenances.flatMap((resource) => resource?.entity ?? []);
  const origins = new Set(entities.flatMap(({ what }) => what.reference ?? []));
  const policies = new Set(provenances.flatMap((resource) => resource?.policy ?? []));
  const supports = group.flatMap((need) => need.supports);
  const labels = joinedLabels(...supports.map((support) => support.labels));
  const resource: fhir4.Condition = {
    ...withLabels(condition.resource, labels),
    evidence: [...references].map((reference) => ({ detail: [{ reference }] })),
  };
  const sources = [...new Set(group.flatMap((need) => need.condition?.sources ?? []))];
  const origin: fhir4.Provenance = {
    ...provenance.resource,
    policy: [...policies].sort(),
    entity: [...origins].map((reference) => ({ role: 'source', what: { reference } })),
  };
  return [
    {
      ...first,
      condition: { id: condition.id, resource, sources },
      provenance: { ...provenance, resource: origin },
    },
    ...others.map(({ condition: _condition, provenance: _provenance, ...need }) => need),
  ];
}

/**
 * Finds the Condition of ours that stands for a need. A refuted one stays refuted for its evidence;
 * other answers get a next one.
 */
function findStanding(work: Work, need: NeedSupports): Standing {
  const { record, deps } = work;
  const recoded = findRecoded(work, need);
  if (recoded?.id) return { id: recoded.id, stored: recoded, supports: need.supports };
  let supports = need.supports;
  for (let again = 0; ; again += 1) {
    const names = again > 0 ? [need.key, String(again)] : [need.key];
    const { tenant, connection, person } = record;
    const id = deps.deriveId(tenant, 'condition', connection, person, ...names);
    const stored = record.made.find((condition) => condition.id === id);
    if (!stored || !isRefutedAnywhere(record, stored)) return { id, stored, supports };
    const judged = evidenceNamedBy(stored);
    supports = supports.filter(({ observation }) => !judged.has(lastTwoParts(observation)));
    if (supports.length === 0) return { id, stored, supports };
  }
}

const lastTwoParts = (reference: string) => reference.split('/').slice(-2).join('/');

/** Tells whether a Condition of ours is refuted, here or in the EHR's copy of it. */
function isRefutedAnywhere(record: PersonRecord, condition: fhir4.Condition): boolean {
  if (isRefuted(condition)) return true;
  const copy = objectsOf(record.conditions).find(
    (other) =>
      isOurs(other, record.identity) &&
      objectsOf(other.identifier).some((identifier) => identifier.value === condition.id),
  );
  return copy !== undefined && isRefuted(copy);
}

/**
 * Gives a Condition the code that a person chose. A coding pass may have stored another meanwhile.
 */
function asChosen({ recoded }: PersonRecord, condition: fhir4.Condition): fhir4.Condition {
  const code = recoded?.get(condition.id ?? '');
  return code ? { ...condition, code } : condition;
}

/**
 * Finds earlier suggestions that no answer supports any more: `withdrawn` ones are taken back,
 * `doubted` ones were decided on and a person looks again.
 */
export function findUnsupported(
  record: PersonRecord,
  coded: readonly CodedNeed[],
): { withdrawn: Made<fhir4.Condition>[]; doubted: fhir4.Condition[] } {
  const standing = new Set(coded.map((need) => need.target));
  const left = record.made.filter(
    (condition) =>
      condition.id !== undefined &&
      !standing.has(condition.id) &&
      !isInError(condition) &&
      !isRefuted(condition),
  );
  const isDecided = (condition: fhir4.Condition) =>
    !isUnconfirmed(condition) || record.decided?.has(condition.id ?? '') === true;
  return {
    withdrawn: left.filter((condition) => !isDecided(condition)).map(withdraw),
    doubted: left.filter(isDecided),
  };
}

/** Marks a suggestion as entered in error; FHIR forbids a clinical status then (con-5). */
function withdraw({
  clinicalStatus: _status,
  ...condition
}: fhir4.Condition): Made<fhir4.Condition> {
  const resource = {
    ...condition,
    verificationStatus: concept(systems.conditionVerification, 'entered-in-error'),
  };
  return { id: condition.id ?? '', resource, sources: [] };
}

/** Lists the policies of a conclusion for Provenance: rules first, then code systems. */
function listPolicies(evidence: readonly Evidence[]): string[] {
  const rules = evidence.map(({ rule, ruleVersion }) => `${systems.rule}/${rule}|${ruleVersion}`);
  const codes = evidence.flatMap(({ codeSystems }) => codeSystems);
  const versions = codes.map(({ system, version }) => `${system}|${version}`);
  return [...sortOnce(rules), ...sortOnce(versions)];
}

const sortOnce = (texts: string[]) => (texts.length < 2 ? texts : [...new Set(texts)].sort());

function explainSupports(
  supports: readonly Support[],
  condition: string,
  choices: SiteChoices | undefined,
): Evidence[] {
  return supports.map(({ finding, observation, raw }) => {
    const { authored, instrument } = raw;
    const day = authored.slice(0, 10);
    return {
      condition,
      observation,
      source: finding.answers[0]?.source ?? '',
      rule: finding.rule,
      ruleVersion: finding.ruleVersion ?? instrument?.version ?? '',
      codeSystems: listSuggestedCodes(finding.need, instrument, authored, choices),
      authored,
      sentence:
        `Suggested because ${finding.label} was answered on ${day} ` +
        `(${instrument?.name ?? ''}).`,
    };
  });
}
