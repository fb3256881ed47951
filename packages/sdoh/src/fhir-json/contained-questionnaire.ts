import type { fhir4 } from '@loopwell/fhir';
import { objectsOf, textOf } from './tolerant-readers.ts';

/** What a form says of one of its questions: codes and wording. */
export type Asked = { coding: fhir4.Coding[]; text: string | undefined };

/** What the Questionnaire that a response contains says of its own linkIds. */
export function questionsWithin({
  contained,
  questionnaire,
}: fhir4.QuestionnaireResponse): ReadonlyMap<string, Asked> {
  const asked = new Map<string, Asked>();
  if (contained === undefined) return asked;
  const named = textOf(questionnaire)?.replace(/^#/, '').split('|')[0];
  const isMeant = (one: Partial<fhir4.Questionnaire>) =>
    one.resourceType === 'Questionnaire' &&
    named !== undefined &&
    (one.id === named || one.url === named);
  const form = objectsOf(contained as Partial<fhir4.Questionnaire>[]).find(isMeant);
  const open = form ? objectsOf(form.item) : [];
  for (let questionnaireItem = open.pop(); questionnaireItem; questionnaireItem = open.pop()) {
    asked.set(textOf(questionnaireItem.linkId) ?? '', {
      coding: objectsOf(questionnaireItem.code),
      text: textOf(questionnaireItem.text),
    });
    open.push(...objectsOf(questionnaireItem.item));
  }
  return asked;
}
