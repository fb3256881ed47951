import type { fhir4 } from '@loopwell/fhir';
import { objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';

/** HL7's code of a medical record number among the types of identifiers (table 0203). */
const recordNumber = 'MR';

/** Lists the medical record numbers of a Patient. */
export function recordNumbers(patient: fhir4.Patient): string[] {
  const numbers = objectsOf(patient.identifier).filter(({ use, type }) => {
    const codings = objectsOf(type?.coding);
    return use !== 'old' && codings.some(({ code }) => code === recordNumber);
  });
  return numbers.map(({ value }) => textOf(value)).filter((text) => text !== undefined);
}

/** LOINC's question for the primary insurance, as PRAPARE and others ask it. */
const insurance = '76437-3';

type Item = fhir4.QuestionnaireResponseItem;

/**
 * Returns what a person answered about their insurance, from the latest answers that are given;
 * undefined where nobody asked.
 *
 * @param responses forms, the latest first
 */
export function insuranceAnswer(
  responses: readonly fhir4.QuestionnaireResponse[],
  observations: readonly fhir4.Observation[],
): string | undefined {
  for (const response of responses) {
    const answer = answerIn(objectsOf(response.item), 0);
    if (answer !== undefined) return answer;
  }
  const asked = observations.find(({ code }) =>
    objectsOf(code?.coding).some((coding) => coding.code === insurance),
  );
  return wordsOf(asked?.valueCodeableConcept);
}

/** How deep forms are searched. */
const deepest = 10;

function answerIn(items: readonly Item[], depth: number): string | undefined {
  for (const asked of items) {
    const answers = objectsOf(asked.answer);
    if (textOf(asked.linkId)?.endsWith(insurance)) {
      const [first] = answers;
      return textOf(first?.valueCoding?.display) ?? textOf(first?.valueString);
    }
    const inner = [...objectsOf(asked.item), ...answers.flatMap((each) => objectsOf(each.item))];
    const below = depth < deepest ? answerIn(inner, depth + 1) : undefined;
    if (below !== undefined) return below;
  }
  return undefined;
}

const wordsOf = (concept: fhir4.CodeableConcept | undefined): string | undefined =>
  textOf(concept?.text) ??
  objectsOf(concept?.coding)
    .map(({ display }) => textOf(display))
    .find((text) => text !== undefined);

/** Who wrote down a form, and at which place. */
export type Screener = {
  by?: string | undefined;
  at?: string | undefined;
  on?: string | undefined;
};

/** Tells who wrote down a form, and where, by the Encounter that it was filled in at. */
export function screenerOf(
  { author, source, authored }: fhir4.QuestionnaireResponse,
  encounter: fhir4.Encounter | undefined,
): Screener {
  const [place] = objectsOf(encounter?.location);
  const at = textOf(place?.location?.display) ?? textOf(encounter?.serviceProvider?.display);
  return { by: textOf(author?.display) ?? textOf(source?.display), at, on: textOf(authored) };
}
