import type { fhir4 } from '@loopwell/fhir';
import { objectsOf, textOf } from './tolerant-readers.ts';

/** The codes and wording that a form has for one of its questions. */
export type Asked = { coding: fhir4.Coding[]; text: string | undefined };

/**
 * Returns codes and wording of the questions of a response's contained Questionnaire, by linkId.
 */
export function questionsWithin({
  contained,
  questionnaire,
}: fhir4.QuestionnaireResponse): ReadonlyMap<string, Asked> {
  const asked = new Map<string, Asked>();
  if (contained === undefined) return asked;
  const named = textOf(questionnaire)?.replace(/^#/, '').split('|')[0];
  const isMeant = (candidate: Partial<fhir4.Questionnaire>) =>
    candidate.resourceType === 'Questionnaire' &&
    named !== undefined &&
    (candidate.id === named || candidate.url === named);
  const form = objectsOf(contained as Partial<fhir4.Questionnaire>[]).find(isMeant);
  const open = form ? objectsOf(form.item) : [];
  for (let question = open.pop(); question; question = open.pop()) {
    const { linkId, code, text } = question;
    asked.set(textOf(linkId) ?? '', { coding: objectsOf(code), text: textOf(text) });
    open.push(...objectsOf(question.item));
  }
  return asked;
}
