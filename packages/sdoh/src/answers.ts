import { type fhir4, systems } from '@loopwell/fhir';
import type { Answer } from './model.ts';

/**
 * Reads answers from whatever carried them. Nothing is judged here: an answer that no table knows is an answer still.
 * Question: the LOINC code at the end of a `linkId` (`/93042-0/71802-3`), or Observation.code.
 */
const loincAtEnd = /(?:^|\/)(\d{1,7}-\d)$/;

export function answersOfResponse(response: fhir4.QuestionnaireResponse): Answer[] {
  const source = `QuestionnaireResponse/${response.id ?? ''}`;
  const answers: Answer[] = [];
  const visit = (items: readonly fhir4.QuestionnaireResponseItem[] | undefined, path: string): void => {
    for (const [index, item] of (items ?? []).entries()) {
      const place = `${path}item[${index}]`;
      const question = loincAtEnd.exec(item.linkId ?? '')?.[1];
      for (const [position, answer] of (item.answer ?? []).entries()) {
        const at = `${place}.answer[${position}]`;
        const base = { question: question ?? item.linkId ?? '', source, place: at, authored: response.authored ?? '' };
        answers.push({ ...base, ...valueOf(answer as Record<string, unknown>) });
        visit(answer.item, `${at}.`);
      }
      visit(item.item, `${place}.`);
    }
  };
  visit(response.item, '');
  return answers;
}

/** Answers of one Observation: its own value, or its components'. A panel that only has members gives none. */
export function answersOfObservation(observation: fhir4.Observation): Answer[] {
  const source = `Observation/${observation.id ?? ''}`;
  const authored = authoredOf(observation);
  const own = answerOf(observation, source, '', authored);
  const components = (observation.component ?? []).flatMap((one, index) => answerOf(one, source, `component[${index}]`, authored));
  return [...own, ...components];
}

/** When an Observation was answered: effective[x], else issued. */
export function authoredOf(observation: fhir4.Observation): string {
  return observation.effectiveDateTime ?? observation.effectivePeriod?.start ?? observation.effectiveInstant ?? observation.issued ?? '';
}

function answerOf(
  part: fhir4.Observation | fhir4.ObservationComponent,
  source: string,
  place: string,
  authored: string,
): Answer[] {
  const question = part.code?.coding?.find((one) => one.system === systems.loinc)?.code;
  if (!question) return [];
  const base = { question, source, place, authored };
  const value = valueOf({ ...part });
  if (Object.keys(value).length > 0) return [{ ...base, ...value }];
  const absent = part.dataAbsentReason?.coding?.[0]?.code ?? part.dataAbsentReason?.text;
  return absent === undefined ? [] : [{ ...base, absent }];
}

type Value = Pick<Answer, 'code' | 'display' | 'text' | 'number'>;

function valueOf(part: Record<string, unknown>): Value {
  const concept = part.valueCodeableConcept as fhir4.CodeableConcept | undefined;
  if (concept) return codedValue(concept.coding ?? [], concept.text);
  if (part.valueCoding) return codedValue([part.valueCoding as fhir4.Coding], undefined);
  if (typeof part.valueString === 'string') return { text: part.valueString };
  if (typeof part.valueBoolean === 'boolean') {
    return part.valueBoolean ? { code: 'LA33-6', display: 'Yes' } : { code: 'LA32-8', display: 'No' };
  }
  const quantity = part.valueQuantity as fhir4.Quantity | undefined;
  const number = part.valueInteger ?? part.valueDecimal ?? quantity?.value;
  if (typeof number === 'number') return { number };
  const plain = part.valueDate ?? part.valueDateTime;
  return typeof plain === 'string' ? { text: plain } : {};
}

function codedValue(codings: readonly fhir4.Coding[], text: string | undefined): Value {
  const loinc = codings.find((one) => one.system === systems.loinc && one.code);
  const reason = codings.find((one) => one.system === systems.dataAbsentReason);
  if (loinc) return { code: loinc.code ?? '', ...(loinc.display ? { display: loinc.display } : {}) };
  if (reason) return { text: reason.code ?? '' };
  const words = text ?? codings[0]?.display;
  // A code without its system is not guessed; its words may still match one answer of the list.
  return words === undefined ? { text: codings[0]?.code ?? '' } : { text: words };
}
