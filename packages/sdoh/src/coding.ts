import { type fhir4, parseReference, systems } from '@loopwell/fhir';
import { type Maker, provenanceOf, screeningResponse, unconfirmedCondition } from './build.ts';
import { startOf } from './dates.ts';
import type { CodingIssue, Evidence, Finding, Instrument, Made, Need, PersonCoding, PersonRecord, Screening } from './model.ts';
import { type RawScreening, screeningsOf } from './screenings.ts';

export type CodingDeps = { deriveId: (...parts: string[]) => string };

/** One piece of support for a need: an answer, the Observation that carries it, and the screening it was given in. */
type Support = { finding: Finding; observation: string; raw: RawScreening; maker: Maker; unsure: boolean };

type Work = { record: PersonRecord; deps: CodingDeps };

/**
 * Codes one person: screenings into Screening Response Observations, findings into unconfirmed Conditions with their
 * evidence, one per person and need. A function of the whole record: the same record gives the same resources with the
 * same ids, in whatever order it is listed. Sensitive answers make no Condition; a person looks at them.
 *
 * Rules: SDOH Clinical Care 3.0.0, Screening Response and Condition profiles; an Observation's categories follow its
 * question, a Condition has the one that the answer's row names.
 */
export function codePerson(record: PersonRecord, instruments: readonly Instrument[], deps: CodingDeps): PersonCoding {
  const work = { record, deps };
  const read = screeningsOf(record, instruments).map((raw) => readScreening(work, raw));
  const supports = read.flatMap((one) => one.supports);
  const needs = needsOf(withoutExcluded(supports.filter((one) => ofAge(record, one))));
  const coded = needs.map((need) => codeNeed(work, need));
  const used = new Set(coded.filter((one) => one.target !== undefined).flatMap((one) => one.supports.map((support) => support.raw)));
  return {
    screenings: read.map((one) => screeningOf(work, one, used.has(one.raw))),
    observations: read.flatMap((one) => one.observations),
    conditions: coded.flatMap((one) => one.condition ?? []),
    evidenceAdded: coded.flatMap((one) => one.evidenceAdded ?? []),
    goals: [],
    provenances: coded.flatMap((one) => one.provenance ?? []),
    evidence: coded.flatMap((one) => one.evidence),
    needs: categoriesOf(coded),
  };
}

type ReadScreening = { raw: RawScreening; supports: Support[]; observations: Made<fhir4.Observation>[]; issues: CodingIssue[] };

function readScreening({ record, deps }: Work, raw: RawScreening): ReadScreening {
  const { instrument } = raw;
  if (raw.quarantine || !instrument) return { raw, supports: [], observations: [], issues: raw.issues };
  const { findings, issues } = instrument.findings(raw.answers);
  const observations: Made<fhir4.Observation>[] = [];
  const supports: Support[] = [];
  const idByAnswer = new Map<string, string>();
  for (const finding of [...findings].sort((a, b) => Number(a.computed) - Number(b.computed))) {
    const maker = { record, instrument, authored: raw.authored, encounter: raw.encounter, answeredBy: answererOf(record, finding) };
    const observation = observationFor({ record, deps }, raw, finding, maker, idByAnswer);
    if (observation.made) observations.push(observation.made);
    const unsure = finding.mended === true || finding.contradicted === true || (finding.computed && !finding.answers.some((one) => one.code));
    if (finding.positive && finding.need && !finding.sensitive) {
      supports.push({ finding, observation: observation.reference, raw, maker, unsure });
    }
  }
  return { raw, supports, observations, issues: [...raw.issues, ...issues] };
}

/**
 * The Observation that carries a finding: the EHR's own where the answer came as one, else ours. A computed score is
 * ours and derives from its items.
 */
function observationFor(
  { record, deps }: Work,
  raw: RawScreening,
  finding: Finding,
  maker: Maker,
  idByAnswer: Map<string, string>,
): { reference: string; made?: Made<fhir4.Observation> } {
  const [answer] = finding.answers;
  const own = answer?.source.startsWith('Observation/') && answer.place === '' && !finding.computed;
  const key = `${answer?.source} ${answer?.place}`;
  if (own && answer) {
    idByAnswer.set(key, `${record.base}/${answer.source}`);
    return { reference: `${record.base}/${answer.source}` };
  }
  const value = answer?.code ?? answer?.text ?? (answer?.number === undefined ? (answer?.absent ?? '') : String(answer.number));
  const id = deps.deriveId(record.organisation, 'observation', record.connection, record.person, raw.instrumentId, String(raw.instant), finding.rule, value);
  const reference = `Observation/${id}`;
  const sources = finding.computed
    ? finding.answers.flatMap((one) => idByAnswer.get(`${one.source} ${one.place}`) ?? [])
    : [`${record.base}/${answer?.source ?? raw.sources[0] ?? ''}`];
  if (!finding.computed) idByAnswer.set(key, reference);
  return { reference, made: { id, resource: screeningResponse(id, finding, maker, [...new Set(sources)]), sources } };
}

function answererOf(record: PersonRecord, finding: Finding): fhir4.Reference | undefined {
  const parsed = parseReference(finding.answers[0]?.source);
  if (!parsed) return undefined;
  const response = parsed.type === 'QuestionnaireResponse' ? record.responses.find((one) => one.id === parsed.id) : undefined;
  const observation = parsed.type === 'Observation' ? record.observations.find((one) => one.id === parsed.id) : undefined;
  const reference = response?.source?.reference ?? observation?.performer?.[0]?.reference;
  const who = parseReference(reference);
  if (!who) return undefined;
  if (who.type === 'Patient') return { reference: `Patient/${record.person}` };
  return ['RelatedPerson', 'Practitioner', 'PractitionerRole'].includes(who.type) ? { reference: `${record.base}/${who.type}/${who.id}` } : undefined;
}

/** Rules about adults wait for a birth date. */
function ofAge(record: PersonRecord, { finding, raw }: Support): boolean {
  const minimum = finding.need?.minimumAge;
  if (minimum === undefined) return true;
  const born = startOf(record.patient?.birthDate);
  if (born === undefined) return false;
  const birthday = new Date(born);
  return Date.UTC(birthday.getUTCFullYear() + minimum, birthday.getUTCMonth(), birthday.getUTCDate()) <= raw.instant;
}

/** Homelessness and housing instability exclude each other: the later answer counts, homelessness on the same day. */
function withoutExcluded(supports: readonly Support[]): Support[] {
  const latest = (category: string) => Math.max(-Infinity, ...supports.filter((one) => one.finding.need?.category === category).map((one) => one.raw.instant));
  const [homeless, unstable] = [latest('homelessness'), latest('housing-instability')];
  if (homeless === -Infinity || unstable === -Infinity) return [...supports];
  const excluded = unstable > homeless ? 'homelessness' : 'housing-instability';
  return supports.filter((one) => one.finding.need?.category !== excluded);
}

type NeedSupports = { key: string; category: string; supports: Support[] };

/** A need is one SNOMED CT finding, or one rule of ours where the tables name none, within one category. */
function needsOf(supports: readonly Support[]): NeedSupports[] {
  const key = ({ finding: { need, rule } }: Support) => `${need?.category}|${need?.snomed ?? rule}`;
  return [...Map.groupBy(supports, key)]
    .map(([name, some]) => ({ key: name, category: some[0]?.finding.need?.category ?? '', supports: [...some].sort(bySupport) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

const bySupport = (a: Support, b: Support) => a.raw.instant - b.raw.instant || (a.observation < b.observation ? -1 : 1);

type CodedNeed = NeedSupports & {
  /** The Condition that stands for it: `Condition/<id>` of the EHR or the id of ours; absent when none may. */
  target: string | undefined;
  condition?: Made<fhir4.Condition>;
  provenance?: Made<fhir4.Provenance>;
  evidenceAdded?: { condition: string; observations: readonly string[] };
  evidence: Evidence[];
};

function codeNeed(work: Work, need: NeedSupports): CodedNeed {
  const onFile = conditionOnFile(work.record, need);
  if (onFile?.refuted) return { ...need, target: undefined, evidence: [] };
  if (onFile) {
    const target = `Condition/${onFile.id}`;
    const observations = [...new Set(need.supports.map((one) => one.observation))];
    return { ...need, target, evidenceAdded: { condition: target, observations }, evidence: evidenceOf(need, target) };
  }
  return ownCondition(work, need);
}

function conditionOnFile(record: PersonRecord, need: NeedSupports): { id: string; refuted: boolean } | undefined {
  const wanted = need.supports[0]?.finding.need;
  const same = record.conditions.filter((one) =>
    (one.code?.coding ?? []).some(
      (coding) =>
        (wanted?.snomed !== undefined && coding.system === systems.snomed && coding.code === wanted.snomed) ||
        (wanted?.snomed === undefined && wanted?.icd10cm !== undefined && coding.system === systems.icd10cm && coding.code === wanted.icd10cm),
    ),
  );
  const sorted = [...same].sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
  const active = sorted.find((one) => !isRefuted(one) && isActive(one));
  if (active?.id) return { id: active.id, refuted: false };
  const refuted = sorted.find(isRefuted);
  return refuted?.id ? { id: refuted.id, refuted: true } : undefined;
}

const statusOf = (one: fhir4.CodeableConcept | undefined) => one?.coding?.[0]?.code;
const isRefuted = (one: fhir4.Condition) => statusOf(one.verificationStatus) === 'refuted';
const isActive = (one: fhir4.Condition) =>
  statusOf(one.verificationStatus) !== 'entered-in-error' && ['active', 'recurrence', 'relapse', undefined].includes(statusOf(one.clinicalStatus));

function ownCondition({ record, deps }: Work, need: NeedSupports): CodedNeed {
  const id = deps.deriveId(record.organisation, 'condition', record.connection, record.person, need.key);
  const observations = [...new Set(need.supports.map((one) => one.observation))];
  const [first] = need.supports;
  const known = record.made.find((one) => one.id === id);
  if (!first || (known && isRefuted(known))) return { ...need, target: undefined, evidence: [] };
  const resource = known ? withEvidence(known, observations) : unconfirmedCondition(id, first.finding, first.maker, observations);
  const sources = [...new Set(need.supports.flatMap((one) => one.finding.answers.map((answer) => `${record.base}/${answer.source}`)))].sort();
  const provenanceId = deps.deriveId(record.organisation, 'provenance', id);
  const recorded = need.supports.at(-1)?.raw.authored ?? first.raw.authored;
  return {
    ...need,
    target: id,
    condition: { id, resource, sources: [...observations, ...sources] },
    provenance: { id: provenanceId, resource: provenanceOf(provenanceId, id, sources, recorded), sources: [id] },
    evidence: evidenceOf(need, id),
  };
}

/** Evidence is added; a status that a person set is never touched, and nothing is taken away. */
function withEvidence(known: fhir4.Condition, observations: readonly string[]): fhir4.Condition {
  const present = new Set((known.evidence ?? []).flatMap((one) => (one.detail ?? []).map((detail) => detail.reference)));
  const added = observations.filter((one) => !present.has(one)).map((reference) => ({ detail: [{ reference }] }));
  return added.length === 0 ? known : { ...known, evidence: [...(known.evidence ?? []), ...added] };
}

function evidenceOf(need: NeedSupports, condition: string): Evidence[] {
  return need.supports.map(({ finding, observation, raw }) => ({
    condition,
    observation,
    source: finding.answers[0]?.source ?? '',
    rule: finding.rule,
    ruleVersion: raw.instrument?.version ?? '',
    codeSystems: codesOf(finding, raw.instrument),
    sentence: `Suggested because ${finding.label} was answered on ${raw.authored.slice(0, 10)} (${raw.instrument?.name ?? ''}).`,
  }));
}

function codesOf(finding: Finding, instrument: Instrument | undefined): Evidence['codeSystems'] {
  const version = (system: string) => instrument?.codeSystems[system] ?? '';
  const { snomed, icd10cm } = finding.need ?? {};
  return [
    ...(snomed ? [{ system: systems.snomed, code: snomed, version: version(systems.snomed) }] : []),
    ...(icd10cm ? [{ system: systems.icd10cm, code: icd10cm, version: version(systems.icd10cm) }] : []),
  ];
}

function screeningOf({ record, deps }: Work, { raw, issues }: ReadScreening, coded: boolean): Screening {
  const warned = issues.some((one) => one.severity === 'warning');
  const outcome = raw.quarantine ? 'quarantined' : coded ? 'coded' : warned ? 'needsPerson' : 'nothingToCode';
  const unknown = raw.instrument ? [] : [raw.sources[0] ?? ''];
  return {
    id: deps.deriveId(record.organisation, 'screening', record.connection, record.person, raw.instrumentId, String(raw.instant), ...unknown),
    instrument: raw.instrumentId,
    authored: raw.authored,
    sources: raw.sources,
    ...(raw.encounter ? { encounter: raw.encounter } : {}),
    outcome,
    ...(raw.quarantine ? { quarantine: raw.quarantine } : {}),
    issues,
  };
}

/** One need per category: what one referral is for. Its reasons name all Conditions of the category. */
function categoriesOf(coded: readonly CodedNeed[]): Need[] {
  const standing = coded.filter((one) => one.target !== undefined);
  return [...Map.groupBy(standing, (one) => one.category)]
    .map(([category, some]) => {
      const supports = some.flatMap((one) => one.supports).sort(bySupport);
      return {
        category,
        conditions: some.flatMap((one) => one.target ?? []).sort(),
        unambiguous: supports.some((one) => !one.unsure) && !supports.some((one) => one.finding.contradicted === true),
        sensitive: false,
        since: supports.at(-1)?.raw.authored ?? '',
      };
    })
    .sort((a, b) => (a.category < b.category ? -1 : 1));
}
