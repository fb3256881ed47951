import type { fhir4, Labels } from '@loopwell/fhir';
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
import { createAnswererLookup, findAnswerers } from '../screening/answerers.ts';
import { indexShelf } from '../screening/attribute-instrument.ts';
import { markMistakenEncounters } from '../screening/encounters/named-encounters.ts';
import { type RawScreening, screeningsOf } from '../screening/screenings.ts';
import { readFindings } from '../screening/stated-scores.ts';
import { judgeAge } from './age-rule.ts';
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
import type { Made, PersonCoding, Screening } from './person-coding.ts';
import { listDoubtedNeeds, listNeeds } from './person-needs.ts';
import { type Maker, screeningResponse } from './profiled-resources.ts';
import { findSafetyIssues, isAboutSafety } from './safety-issues.ts';
import { findScreeningIssues, isDeceased } from './screening-issues.ts';

/**
 * Codes one person: screenings into Screening Response Observations, findings into unconfirmed Conditions with their
 * evidence, one per person and need. A function of the whole record: the same record gives the same resources with the
 * same ids, in whatever order it is listed and in how many passes it came. Sensitive answers make no Condition; a person
 * looks at them.
 *
 * Rules: SDOH Clinical Care 3.0.0, Screening Response and Condition profiles; an Observation's categories follow its
 * question, a Condition has the one that the answer's row names.
 */
export function codePerson(
  received: PersonRecord,
  instruments: readonly Instrument[],
  deps: CodingDeps,
): PersonCoding {
  const record = markMistakenEncounters(received);
  const work = { record, deps, instruments, labelsFor: createLabelLookup(record) };
  const answerers = findAnswerers(record);
  const read = comparePanelFlags(
    record,
    screeningsOf(record, instruments).map((raw) => readScreening(work, answerers, raw)),
  );
  const supports = read.flatMap((one) => one.supports);
  const verdicts = read.flatMap((one) => one.verdicts);
  const excluded = excludedCategory(supports);
  const left = supports.filter(
    (one) => one.finding.need?.category === excluded || isExcludedOnFile(record, one),
  );
  const alive = isDeceased(record.patient) ? [] : supports.filter((one) => !left.includes(one));
  const coded = mergeByCondition(
    groupByNeed(alive).map((need) =>
      codeNeed(work, need, findLaterDenials(need, verdicts).length > 0),
    ),
  );
  const { withdrawn, doubted } = findUnsupported(record, coded);
  const used = new Set(
    coded
      .filter((one) => one.target !== undefined)
      .flatMap((one) => one.supports.map((support) => support.raw)),
  );
  const reviewed = reviewConditions(record, read, coded, indexShelf(instruments).needs);
  const reviews = [...reviewed, ...findUnderOurName(record)];
  const remarks = findScreeningIssues(record, read, coded, doubted, left, reviews);
  return {
    screenings: read.map((one) =>
      createScreening(work, one, used.has(one.raw), remarks.get(one.raw) ?? []),
    ),
    observations: read.flatMap((one) => one.observations),
    conditions: coded.flatMap((one) => one.condition ?? []),
    withdrawn,
    evidenceAdded: evidenceOnFile(coded),
    provenances: coded.flatMap((one) => one.provenance ?? []),
    evidence: coded.flatMap((one) => one.evidence),
    needs: [
      ...listNeeds(record, coded, verdicts, reviewed),
      ...listDoubtedNeeds(coded, doubted),
    ].sort((a, b) => (a.category < b.category ? -1 : 1)),
    readings: read.flatMap((one) => one.readings),
    reviews,
  };
}

function readScreening(
  work: Work & { labelsFor: LabelsFor; instruments: readonly Instrument[] },
  answerers: ReadonlyMap<string, string>,
  raw: RawScreening,
): ReadScreening {
  const { record } = work;
  const { instrument } = raw;
  if (raw.quarantine || !instrument) {
    const issues = [...raw.issues, ...findSafetyIssues(raw.undated, work.instruments)];
    return { raw, readings: [], supports: [], verdicts: [], observations: [], issues };
  }
  const read = readFindings(raw);
  const aged = read.findings.map((finding) => judgeAge(record, raw, finding));
  const findings = aged.map((one) => one.finding);
  const observations: Made<fhir4.Observation>[] = [];
  const supports: Support[] = [];
  const readings: ReadScreening['readings'] = [];
  // Only a score asks which Observation carries an answer.
  const idByAnswer = findings.some((one) => one.computed) ? new Map<string, string>() : undefined;
  const answeredBy = createAnswererLookup(record, answerers);
  for (const finding of [...findings].sort((a, b) => Number(a.computed) - Number(b.computed))) {
    // Of what cannot be read or is not understood an Observation would say what was not said.
    const isUnread = finding.answers.length > 0 && finding.answers.every(isVoid);
    if (finding.blank || isUnread || isOutOfScope(finding)) {
      readings.push({ finding, observation: '', own: false, labels: [] });
      continue;
    }
    const maker = {
      record,
      instrument,
      authored: raw.authored,
      encounter: raw.encounter,
      answeredBy: answeredBy(finding),
    };
    const { reference, labels, made } = findOrCreateObservation(
      work,
      raw,
      finding,
      maker,
      idByAnswer,
    );
    if (made) observations.push(made);
    readings.push({ finding, observation: reference, own: !made, labels });
    if (finding.positive && finding.need && !finding.sensitive)
      supports.push({ finding, observation: reference, raw, maker, labels });
  }
  const issues = replaceOutOfScopeIssues(
    [...raw.issues, ...read.issues, ...aged.flatMap((one) => one.issues)],
    findings,
    instrument.labelOf,
  );
  return {
    raw,
    readings,
    supports,
    verdicts: [...judgeCategories(raw, findings), ...findDeniedNeeds(raw, instrument, findings)],
    observations,
    issues,
  };
}

/**
 * The Observation that carries a finding: the EHR's own where the answer came as one, else ours. A computed score is
 * ours and derives from its items.
 */
function findOrCreateObservation(
  { record, deps, labelsFor }: Work & { labelsFor: LabelsFor },
  raw: RawScreening,
  finding: Finding,
  maker: Maker,
  idByAnswer: Map<string, string> | undefined,
): { reference: string; labels: Labels; made?: Made<fhir4.Observation> } {
  const [answer] = finding.answers;
  const own =
    answer?.source.startsWith('Observation/') &&
    answer.place === '' &&
    !answer.split &&
    !finding.computed;
  if (own && answer) {
    const reference = `${record.base}/${answer.source}`;
    idByAnswer?.set(keyOf(answer), reference);
    return { reference, labels: labelsFor(finding, raw) };
  }
  const code =
    answer?.code ??
    answer?.text ??
    (answer?.number === undefined
      ? (answer?.absent ?? answer?.invalid ?? '')
      : String(answer.number));
  const id = deps.deriveId(
    record.tenant,
    'observation',
    record.connection,
    record.person,
    raw.instrumentId,
    String(raw.instant),
    finding.rule,
    code,
  );
  const reference = `Observation/${id}`;
  const sources = finding.computed
    ? [
        ...finding.answers.flatMap((one) => idByAnswer?.get(keyOf(one)) ?? []),
        ...formsOf(record, finding),
      ]
    : [`${record.base}/${answer?.source ?? raw.sources[0] ?? ''}`];
  if (!finding.computed) idByAnswer?.set(keyOf(answer), reference);
  const unique = sources.length < 2 ? sources : [...new Set(sources)];
  const labels = labelsFor(finding, raw);
  return {
    reference,
    labels,
    made: { id, resource: screeningResponse(id, finding, maker, unique, labels), sources: unique },
  };
}

/** Forms that a score's items came from: it derives from these, too. */
const formsOf = ({ base }: PersonRecord, { answers }: Finding): string[] =>
  answers
    .filter((one) => one.source.startsWith('QuestionnaireResponse/'))
    .map((one) => `${base}/${one.source}`);

/** Tells answers apart by where they stand; several in one value by what they say too. */
const keyOf = (answer: Answer | undefined) =>
  `${answer?.source} ${answer?.place} ${answer?.split ? answer.code : ''}`;

/** A Condition on file may stand for two needs: it changes once, and gets what supports either. */
function evidenceOnFile(coded: readonly CodedNeed[]): PersonCoding['evidenceAdded'] {
  const added = Map.groupBy(
    coded.flatMap((one) => one.evidenceAdded ?? []),
    (one) => one.condition,
  );
  return [...added].map(([condition, some]) => ({
    condition,
    observations: [...new Set(some.flatMap((one) => one.observations))],
  }));
}

function createScreening(
  { record, deps }: Work,
  { raw, issues: own, readings }: ReadScreening,
  coded: boolean,
  remarks: readonly CodingIssue[],
): Screening {
  const issues = [...own, ...remarks];
  const warned = issues.some((one) => one.severity !== 'information');
  const outcome = raw.quarantine
    ? 'quarantined'
    : raw.inProgress
      ? 'inProgress'
      : coded
        ? 'coded'
        : warned
          ? 'needsPerson'
          : 'nothingToCode';
  // One that cannot be read is told apart by its source: nothing else about it is certain.
  const unread = raw.quarantine || raw.inProgress || raw.isVoid ? [raw.sources[0] ?? ''] : [];
  return {
    id: deps.deriveId(
      record.tenant,
      'screening',
      record.connection,
      record.person,
      raw.instrumentId,
      String(raw.instant),
      ...unread,
    ),
    instrument: raw.instrumentId,
    authored: raw.authored,
    sources: raw.sources,
    ...(raw.encounter ? { encounter: raw.encounter } : {}),
    outcome,
    ...(raw.quarantine ? { quarantine: raw.quarantine } : {}),
    ...(isAboutSafety(
      issues,
      readings.map((one) => one.finding),
    )
      ? { safety: true }
      : {}),
    issues,
  };
}
