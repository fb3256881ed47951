import { type fhir4, joinedLabels, type Labels, labelsOf, profiles, systems } from '@loopwell/fhir';
import type { Reading } from '../coding/person-coding.ts';
import { categoryConcepts, interpretationOf, securityOf } from '../coding/profiled-resources.ts';
import { concept } from '../fhir-json/codings.ts';
import { dateTimeOf } from '../fhir-json/dates.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Finding, SiteChoices } from '../model.ts';

/**
 * Makes a received Observation a Screening Response: adds profile, categories, security label, POS
 * and the answer as it was read. Its received content stays, except a value, code or time that had
 * to be mended.
 */
export function enrichObservation(
  received: fhir4.Observation,
  { finding, labels }: Pick<Reading, 'finding' | 'labels'>,
  choices?: SiteChoices,
): fhir4.Observation {
  const [answer] = finding.answers;
  const enrichedParts: Partial<fhir4.Observation> = {
    meta: metaOf(received.meta, finding, labels),
    category: categoriesOf(received.category, finding),
  };
  if (answer?.mendedQuestion) enrichedParts.code = questionOf(received.code, finding.question);
  if (isMended(finding)) enrichedParts.valueCodeableConcept = mendedAnswer(received, finding);
  return {
    ...withoutMendedValue(received, finding),
    ...enrichedParts,
    ...timeOf(received.effectiveDateTime),
    ...flaggedBy(received.interpretation, finding, choices),
  };
}

const isMended = ({ mended, answers: [answer] }: Finding) =>
  mended === true && answer?.code !== undefined;

/** Drops a value that is written anew, or turns one that was a reason for absence into that. */
function withoutMendedValue(received: fhir4.Observation, finding: Finding): fhir4.Observation {
  const [answer] = finding.answers;
  if (answer?.reasoned && received.dataAbsentReason === undefined && answer.absent !== undefined)
    return withReason(received, answer.absent);
  if (!isMended(finding)) return received;
  const { valueString: _text, valueBoolean: _boolean, ...rest } = received;
  return rest;
}

/**
 * Replaces a value that was a reason for absence by `dataAbsentReason`. An Observation may not have
 * both (obs-6).
 */
function withReason(received: fhir4.Observation, reason: string): fhir4.Observation {
  const kept = Object.entries(received).filter(([key]) => !/^_?value[A-Z]/.test(key));
  const observation = Object.fromEntries(kept) as unknown as fhir4.Observation;
  return { ...observation, dataAbsentReason: concept(systems.dataAbsentReason, reason) };
}

/** Returns `effectiveDateTime` written as FHIR wants it, where the received one was not. */
function timeOf(received: unknown): Partial<fhir4.Observation> {
  const mended = typeof received === 'string' ? dateTimeOf(received) : undefined;
  return mended === undefined || mended === received ? {} : { effectiveDateTime: mended };
}

function metaOf(received: fhir4.Meta | undefined, finding: Finding, labels: Labels): fhir4.Meta {
  const meta: fhir4.Meta = isObject(received) ? (received as fhir4.Meta) : {};
  const profile = Array.isArray(meta.profile) ? meta.profile : [];
  // An answer that FHIR does not allow meets no profile.
  const claimed = finding.answers[0]?.invalid === undefined ? [profiles.screeningResponse] : [];
  const all = [...new Set([...profile, ...claimed])];
  const security = securityOf(finding, joinedLabels(labelsOf({ meta: received }), labels));
  return all.length > 0 ? { ...meta, profile: all, ...security } : { ...meta, ...security };
}

function categoriesOf(
  received: fhir4.CodeableConcept[] | undefined,
  finding: Finding,
): fhir4.CodeableConcept[] {
  const wanted = [
    concept(systems.observationCategory, 'survey'),
    concept(systems.usCoreCategory, 'sdoh'),
    ...categoryConcepts(finding),
  ];
  const present = objectsOf(received);
  const isMissing = ({ coding }: fhir4.CodeableConcept) =>
    !holds(present, coding?.[0]?.system, coding?.[0]?.code);
  return [...present, ...wanted.filter(isMissing)];
}

/** Writes the question's code as LOINC has it, in the place of the one that came. */
function questionOf(received: fhir4.CodeableConcept, question: string): fhir4.CodeableConcept {
  const codings = objectsOf(received.coding);
  const mend = (coding: fhir4.Coding) =>
    loincOf({ coding: [coding] })[0] === question
      ? { ...coding, system: systems.loinc, code: question }
      : coding;
  return { ...received, coding: codings.map(mend) };
}

const holds = (
  concepts: readonly fhir4.CodeableConcept[],
  system: string | undefined,
  code: string | undefined,
) =>
  concepts.some((wantedConcept) =>
    objectsOf(wantedConcept.coding).some(
      (coding) => coding.system === system && coding.code === code,
    ),
  );

/** Builds the coded answer that a mended value was read as; the words that came stay as text. */
function mendedAnswer(received: fhir4.Observation, finding: Finding): fhir4.CodeableConcept {
  const [answer] = finding.answers;
  const { valueCodeableConcept: was, valueString, valueBoolean } = received;
  const coding: fhir4.Coding = { system: systems.loinc, code: answer?.code ?? '' };
  if (answer?.display) coding.display = answer.display;
  const others = objectsOf(was?.coding).filter(
    ({ code }) => textOf(code)?.trim().toUpperCase() !== answer?.code,
  );
  const mended: fhir4.CodeableConcept = { coding: [coding, ...others] };
  const flag = valueBoolean === undefined ? undefined : String(valueBoolean);
  const text = was?.text ?? valueString ?? flag;
  if (text !== undefined) mended.text = text;
  return mended;
}

/**
 * Adds the finding's POS or NEG to the interpretations that came. A NEG (a site's wish) is not
 * added beside an interpretation that came.
 */
function flaggedBy(
  received: fhir4.CodeableConcept[] | undefined,
  finding: Finding,
  choices: SiteChoices | undefined,
): Partial<fhir4.Observation> {
  const present = objectsOf(received);
  const { interpretation = [] } = interpretationOf(finding, choices);
  const concepts = interpretation.filter(
    (one) => !holds(present, systems.interpretation, one.coding?.[0]?.code),
  );
  if (concepts.length === 0 || (!finding.positive && present.length > 0)) return {};
  return { interpretation: [...present, ...concepts] };
}
