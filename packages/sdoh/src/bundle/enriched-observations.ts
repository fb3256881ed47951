import {
  type fhir4,
  joinedLabels,
  type Labels,
  labelsOf,
  profiles,
  systems,
  withoutUndefined,
} from '@loopwell/fhir';
import type { Reading } from '../coding/person-coding.ts';
import { categoryConcepts, interpretationOf, securityOf } from '../coding/profiled-resources.ts';
import { concept } from '../fhir-json/codings.ts';
import { dateTimeOf } from '../fhir-json/dates.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Finding, SiteChoices } from '../model.ts';

/**
 * An Observation that came as such, as a Screening Response: all that it held, plus profile, categories, security label,
 * POS and the answer as it was read. What was received is never taken away.
 */
export function enriched(
  received: fhir4.Observation,
  { finding, labels }: Pick<Reading, 'finding' | 'labels'>,
  choices?: SiteChoices,
): fhir4.Observation {
  const { valueString, valueBoolean, ...rest } = received;
  const isMended = finding.mended === true && finding.answers[0]?.code !== undefined;
  const reason =
    finding.answers[0]?.reasoned && received.dataAbsentReason === undefined
      ? finding.answers[0].absent
      : undefined;
  return {
    ...(reason === undefined ? (isMended ? rest : received) : withReason(received, reason)),
    meta: metaOf(received.meta, finding, labels),
    category: categoriesOf(received.category, finding),
    ...withoutUndefined({
      code: finding.answers[0]?.mendedQuestion
        ? questionOf(received.code, finding.question)
        : undefined,
    }),
    ...(isMended ? answerOf(received, finding) : {}),
    ...timeOf(received.effectiveDateTime),
    ...flaggedBy(received.interpretation, finding, choices),
  };
}

/** A reason in the place of a value becomes the reason of the Observation, which may not have both (obs-6). */
function withReason(received: fhir4.Observation, reason: string): fhir4.Observation {
  const kept = Object.fromEntries(
    Object.entries(received).filter(([key]) => !/^_?value[A-Z]/.test(key)),
  ) as unknown as fhir4.Observation;
  return { ...kept, dataAbsentReason: concept(systems.dataAbsentReason, reason) };
}

/** A time that is no FHIR dateTime is written as one. */
function timeOf(received: unknown): Partial<fhir4.Observation> {
  const mended = typeof received === 'string' ? dateTimeOf(received) : undefined;
  return mended === undefined || mended === received ? {} : { effectiveDateTime: mended };
}

function metaOf(received: fhir4.Meta | undefined, finding: Finding, labels: Labels): fhir4.Meta {
  const meta: fhir4.Meta = isObject(received) ? (received as fhir4.Meta) : {};
  const profile = Array.isArray(meta.profile) ? meta.profile : [];
  // What FHIR does not allow meets no profile.
  const claimed = finding.answers[0]?.invalid === undefined ? [profiles.screeningResponse] : [];
  const all = [...new Set([...profile, ...claimed])];
  return {
    ...meta,
    ...withoutUndefined({ profile: all.length > 0 ? all : undefined }),
    ...securityOf(finding, joinedLabels(labelsOf({ meta: received }), labels)),
  };
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
  const has = (one: fhir4.CodeableConcept) =>
    holds(present, one.coding?.[0]?.system, one.coding?.[0]?.code);
  return [...present, ...wanted.filter((one) => !has(one))];
}

/** The question's code as LOINC writes it, in the place of the one that came. */
function questionOf(received: fhir4.CodeableConcept, question: string): fhir4.CodeableConcept {
  const isIt = (one: fhir4.Coding) => loincOf({ coding: [one] })[0] === question;
  return {
    ...received,
    coding: objectsOf(received.coding).map((coding) =>
      isIt(coding) ? { ...coding, system: systems.loinc, code: question } : coding,
    ),
  };
}

const holds = (
  concepts: readonly fhir4.CodeableConcept[],
  system: string | undefined,
  code: string | undefined,
) =>
  concepts.some((one) =>
    objectsOf(one.coding).some((coding) => coding.system === system && coding.code === code),
  );

/** The answer as it was read, where that took mending: the words that came stay beside the code. */
function answerOf(received: fhir4.Observation, finding: Finding): Partial<fhir4.Observation> {
  const [answer] = finding.answers;
  const { valueCodeableConcept: value, valueString, valueBoolean } = received;
  const coding = {
    system: systems.loinc,
    code: answer?.code ?? '',
    ...withoutUndefined({ display: answer?.display || undefined }),
  };
  const words =
    value?.text ?? valueString ?? (valueBoolean === undefined ? undefined : String(valueBoolean));
  const others = objectsOf(value?.coding).filter(
    (one) => textOf(one.code)?.trim().toUpperCase() !== answer?.code,
  );
  const mended = { coding: [coding, ...others], ...withoutUndefined({ text: words }) };
  return { valueCodeableConcept: mended };
}

/** What it flags is added to what came; a NEG that a site wants is not said beside a flag that came. */
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
