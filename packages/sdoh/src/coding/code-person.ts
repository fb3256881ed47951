import type { fhir4, Labels } from '@loopwell/fhir';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import { isVoid } from '../instrument/invalid-answers.ts';
import { isOutOfScope, replaceOutOfScopeIssues } from '../instrument/out-of-scope.ts';
import type {
  Answer,
  CodingDeps,
  CodingIssue,
  Finding,
  Instrument,
  PersonRecord,
} from '../model.ts';
import { createLabelLookup, type LabelsFor } from '../screening/answer-labels.ts';
import { answerText } from '../screening/answer-values.ts';
import { createAnswererLookup, findAnswerers } from '../screening/answerers.ts';
import { indexShelf } from '../screening/attribute-instrument.ts';
import { markMistakenEncounters } from '../screening/encounters/named-encounters.ts';
import { isWholeObservation } from '../screening/observation-answers.ts';
import { type RawScreening, screeningsOf } from '../screening/screenings.ts';
import { readFindings } from '../screening/stated-scores.ts';
import { findUnderOurName, isExcludedOnFile, reviewConditions } from './condition-review.ts';
import {
  type CodedNeed,
  codeNeed,
  findUnsupported,
  mergeByCondition,
  type Work,
} from './conditions.ts';
import { findDeniedNeeds, findLaterDenials, judgeCategories } from './denials.ts';
import {
  excludedCategory,
  groupByNeed,
  type ReadScreening,
  type Support,
} from './need-evidence.ts';
import { comparePanelFlags } from './panel-flags.ts';
import { judgeAge } from './people/age-rule.ts';
import type { Made, PersonCoding, Screening, ScreeningOutcome } from './person-coding.ts';
import { listDoubtedNeeds, listNeeds } from './person-needs.ts';
import { type Maker, screeningResponse } from './profiled-resources.ts';
import { findSafetyIssues, isAboutSafety } from './safety-issues.ts';
import { findScreeningIssues, isDeceased } from './screening-issues.ts';

type PersonWork = Work & {
  labelsFor: LabelsFor;
  instruments: readonly Instrument[];
  answerers: ReadonlyMap<string, string>;
};

/**
 * Codes one person: screenings into Screening Response Observations, findings into unconfirmed
 * Conditions with their evidence, one per person and need. The same record gives the same resources
 * with the same ids, in any order and after any number of pulls (DECISIONS D6, DECISIONS D60).
 * Sensitive answers make no Condition.
 *
 * Rules: SDOH Clinical Care 3.0.0, Screening Response and Condition profiles; an Observation's
 * categories follow its question, a Condition has the one that the answer's row names.
 */
export function codePerson(
  received: PersonRecord,
  instruments: readonly Instrument[],
  deps: CodingDeps,
): PersonCoding {
  const record = markMistakenEncounters(received);
  const answerers = findAnswerers(record);
  const work = { record, deps, instruments, answerers, labelsFor: createLabelLookup(record) };
  const screenings = screeningsOf(record, instruments).map((raw) => readScreening(work, raw));
  const read = comparePanelFlags(record, screenings);
  const verdicts = read.flatMap((screening) => screening.verdicts);
  const { counted, excluded } = selectSupports(record, read);
  const coded = mergeByCondition(
    groupByNeed(counted).map((need) =>
      codeNeed(work, need, findLaterDenials(need, verdicts).length > 0),
    ),
  );
  const { withdrawn, doubted } = findUnsupported(record, coded);
  const inDoubt = reviewConditions(record, read, coded, indexShelf(instruments).needs);
  const reviews = [...inDoubt, ...findUnderOurName(record)];
  const issues = findScreeningIssues(record, read, coded, doubted, excluded, reviews);
  const covered = coded.filter((need) => need.target !== undefined);
  const used = new Set(covered.flatMap(({ supports }) => supports.map(({ raw }) => raw)));
  const needs = [
    ...listNeeds(record, coded, verdicts, inDoubt),
    ...listDoubtedNeeds(coded, doubted),
  ];
  return {
    screenings: read.map((screening) => {
      const { raw } = screening;
      return createScreening(work, screening, used.has(raw), issues.get(raw) ?? []);
    }),
    observations: read.flatMap((screening) => screening.observations),
    conditions: coded.flatMap((need) => need.condition ?? []),
    withdrawn,
    evidenceAdded: mergeAddedEvidence(coded),
    provenances: coded.flatMap((need) => need.provenance ?? []),
    evidence: coded.flatMap((need) => need.evidence),
    needs: needs.sort((a, b) => (a.category < b.category ? -1 : 1)),
    readings: read.flatMap((screening) => screening.readings),
    reviews,
  };
}

/**
 * Selects the answers that count. Of categories that exclude each other only one counts. No answer
 * of a deceased person counts.
 */
function selectSupports(
  record: PersonRecord,
  read: readonly ReadScreening[],
): { counted: Support[]; excluded: Support[] } {
  const supports = read.flatMap((screening) => screening.supports);
  const category = excludedCategory(supports);
  const isExcluded = (support: Support) =>
    support.finding.need?.category === category || isExcludedOnFile(record, support);
  const excluded = supports.filter(isExcluded);
  if (isDeceased(record.patient)) return { counted: [], excluded };
  return { counted: supports.filter((support) => !excluded.includes(support)), excluded };
}

/**
 * Reads a screening by the rules of its instrument: findings, verdicts on needs, Observations and
 * issues.
 */
function readScreening(work: PersonWork, raw: RawScreening): ReadScreening {
  const { record } = work;
  const { instrument } = raw;
  if (raw.quarantine || !instrument) {
    const issues = [...raw.issues, ...findSafetyIssues(raw.undated, work.instruments)];
    return { raw, readings: [], supports: [], verdicts: [], observations: [], issues };
  }
  const read = readFindings(raw);
  const aged = read.findings.map((finding) => judgeAge(record, raw, finding));
  const findings = aged.map(({ finding }) => finding);
  const issues = [...raw.issues, ...read.issues, ...aged.flatMap((judged) => judged.issues)];
  return {
    raw,
    ...carryFindings(work, raw, instrument, findings),
    verdicts: [...judgeCategories(raw, findings), ...findDeniedNeeds(raw, instrument, findings)],
    issues: replaceOutOfScopeIssues(issues, findings, instrument.labelOf),
  };
}

/** Gives each finding the Observation that carries it, and lists the supports of needs. */
function carryFindings(
  work: PersonWork,
  raw: RawScreening,
  instrument: Instrument,
  findings: readonly Finding[],
): Pick<ReadScreening, 'readings' | 'supports' | 'observations'> {
  const { record } = work;
  const observations: Made<fhir4.Observation>[] = [];
  const supports: Support[] = [];
  const readings: ReadScreening['readings'] = [];
  const hasScore = findings.some((finding) => finding.computed);
  // Only scores look up the Observation that carries an answer.
  const idByAnswer = hasScore ? new Map<string, string>() : undefined;
  const answeredBy = createAnswererLookup(record, work.answerers);
  const scoresLast = [...findings].sort((a, b) => Number(a.computed) - Number(b.computed));
  for (const finding of scoresLast) {
    if (isUncarried(finding)) {
      readings.push({ finding, observation: '', isFromEhr: false, labels: [] });
      continue;
    }
    const maker: Maker = {
      record,
      instrument,
      authored: raw.authored,
      encounter: raw.encounter,
      answeredBy: answeredBy(finding),
    };
    const carrier = findOrCreateObservation(work, raw, finding, maker, idByAnswer);
    const { reference, labels, made } = carrier;
    if (made) observations.push(made);
    readings.push({ finding, observation: reference, isFromEhr: !made, labels });
    if (finding.positive && finding.need && !finding.sensitive)
      supports.push({ finding, observation: reference, raw, maker, labels });
  }
  return { observations, supports, readings };
}

/**
 * Tells whether a finding gets no Observation: it is blank, out of scope, or its answers could not
 * be read or understood.
 */
function isUncarried(finding: Finding): boolean {
  const isUnread = finding.answers.length > 0 && finding.answers.every(isVoid);
  return finding.blank === true || isUnread || isOutOfScope(finding);
}

type Carrier = { reference: string; labels: Labels; made?: Made<fhir4.Observation> };

/**
 * Finds the Observation that carries a finding: the EHR's own where the answer came as one, else
 * a new one of ours. A computed score is ours and derives from its items.
 */
function findOrCreateObservation(
  { record, deps, labelsFor }: PersonWork,
  raw: RawScreening,
  finding: Finding,
  maker: Maker,
  idByAnswer: Map<string, string> | undefined,
): Carrier {
  const [answer] = finding.answers;
  const labels = labelsFor(finding, raw);
  if (answer && isWholeObservation(answer) && !finding.computed) {
    const reference = `${record.base}/${answer.source}`;
    idByAnswer?.set(keyOf(answer), reference);
    return { reference, labels };
  }
  const { tenant, connection, person } = record;
  const id = deps.deriveId(
    tenant,
    'observation',
    connection,
    person,
    raw.instrumentId,
    String(raw.instant),
    finding.rule,
    answerText(answer),
  );
  const reference = `Observation/${id}`;
  if (!finding.computed) idByAnswer?.set(keyOf(answer), reference);
  const source = `${record.base}/${answer?.source ?? raw.sources[0] ?? ''}`;
  const sources = finding.computed ? sourcesOfScore(record, finding, idByAnswer) : [source];
  const resource = screeningResponse(id, finding, maker, sources, labels);
  return { reference, labels, made: { id, resource, sources } };
}

/** Lists the sources of a score: its items, and the forms that they came from. */
function sourcesOfScore(
  { base }: PersonRecord,
  { answers }: Finding,
  idByAnswer: ReadonlyMap<string, string> | undefined,
): string[] {
  const items = answers.flatMap((answer) => idByAnswer?.get(keyOf(answer)) ?? []);
  const forms = answers.filter(({ source }) => source.startsWith('QuestionnaireResponse/'));
  return [...new Set([...items, ...forms.map(({ source }) => `${base}/${source}`)])];
}

/** Returns a key that tells answers apart: by place, and by code where one value holds several. */
const keyOf = (answer: Answer | undefined) =>
  `${answer?.source} ${answer?.place} ${answer?.split ? answer.code : ''}`;

/**
 * Merges evidence that two needs add to one Condition on file, so that the Condition changes once.
 * It gets the Observations of both.
 */
function mergeAddedEvidence(coded: readonly CodedNeed[]): PersonCoding['evidenceAdded'] {
  const added = coded.flatMap((need) => need.evidenceAdded ?? []);
  const byCondition = Map.groupBy(added, ({ condition }) => condition);
  return [...byCondition].map(([condition, group]) => ({
    condition,
    observations: [...new Set(group.flatMap(({ observations }) => observations))],
  }));
}

function createScreening(
  { record, deps }: Work,
  { raw, issues: read, readings }: ReadScreening,
  isCoded: boolean,
  between: readonly CodingIssue[],
): Screening {
  const issues = [...read, ...between];
  const { tenant, connection, person } = record;
  // The id of an unread screening has its source: nothing else about the screening is certain.
  const isUnread = raw.quarantine || raw.inProgress || raw.isVoid;
  const id = deps.deriveId(
    tenant,
    'screening',
    connection,
    person,
    raw.instrumentId,
    String(raw.instant),
    ...(isUnread ? [raw.sources[0] ?? ''] : []),
  );
  const findings = readings.map((reading) => reading.finding);
  return omitUndefined<Screening>({
    id,
    instrument: raw.instrumentId,
    authored: raw.authored,
    sources: raw.sources,
    encounter: raw.encounter || undefined,
    outcome: outcomeOf(raw, isCoded, issues),
    quarantine: raw.quarantine || undefined,
    safety: isAboutSafety(issues, findings) || undefined,
    issues,
  });
}

function outcomeOf(
  raw: RawScreening,
  isCoded: boolean,
  issues: readonly CodingIssue[],
): ScreeningOutcome {
  if (raw.quarantine) return 'quarantined';
  if (raw.inProgress) return 'inProgress';
  if (isCoded) return 'coded';
  const isWarned = issues.some((issue) => issue.severity !== 'information');
  return isWarned ? 'needsPerson' : 'nothingToCode';
}
