import type { fhir4 } from '@loopwell/fhir';
import { reasonOn } from '../fhir-json/absent-reasons.ts';
import { type Asked, questionsWithin } from '../fhir-json/contained-questionnaire.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isListOfObjects, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import { hasValueElsewhere } from '../fhir-json/value-in-extension.ts';
import type { Answer } from '../model.ts';
import { type Value, valuesOf } from './answer-values.ts';
import { voided } from './flawed-answers.ts';

/**
 * Reads answers from whatever carried them. Nothing is judged here: an answer that no table knows is an answer still.
 * Question: the LOINC code at the end of a `linkId` (`/93042-0/71802-3`) or of a `definition`, or Observation.code.
 */
const loincAtEnd = /(?:^|\D)(\d{1,7}-\d)$/;

/** Forms are a handful of levels deep. What is deeper is no form, and would exhaust the stack. */
const deepest = 50;

/** @returns undefined where the form has not the shape of one, so that reading it would lose answers */
export function answersOfResponse(response: fhir4.QuestionnaireResponse): Answer[] | undefined {
  const source = `QuestionnaireResponse/${response.id ?? ''}`;
  const authored = textOf(response.authored) ?? '';
  const answers: Answer[] = [];
  const forms = questionsWithin(response);
  const visit = (items: unknown, path: string, depth: number): boolean => {
    if (!isListOfObjects(items) || depth > deepest) return false;
    return objectsOf(items as fhir4.QuestionnaireResponseItem[]).every(
      (questionnaireResponseItem, index) => {
        const place = `${path}item[${index}]`;
        if (
          !isListOfObjects(questionnaireResponseItem.answer) ||
          !isWord(questionnaireResponseItem.linkId) ||
          !isWord(questionnaireResponseItem.definition)
        )
          return false;
        const base = { ...askedBy(questionnaireResponseItem, forms), source, authored };
        const questionnaireResponseItemAnswers = objectsOf(questionnaireResponseItem.answer);
        const reason = reasonOn(questionnaireResponseItem);
        const nested = questionnaireResponseItemAnswers.every((answer, position) => {
          const at = `${place}.answer[${position}]`;
          answers.push(
            ...valuesOf(answer).map((value) => ({
              ...base,
              place: at,
              ...unlessReasoned(value, reason),
            })),
          );
          return visit(answer.item, `${at}.`, depth + 1);
        });
        if (
          questionnaireResponseItemAnswers.length === 0 &&
          objectsOf(questionnaireResponseItem.item).length === 0
        ) {
          const isElsewhere =
            reason === undefined &&
            hasValueElsewhere(questionnaireResponseItem, /value|answer|response/i);
          if (isElsewhere) answers.push({ ...base, place, invalid: 'in-extension' });
          else
            answers.push({
              ...base,
              place,
              ...(reason === undefined ? { absent: 'unknown', blank: true } : { absent: reason }),
            });
        }
        return nested && visit(questionnaireResponseItem.item, `${place}.`, depth + 1);
      },
    );
  };
  return visit(response.item, '', 0) ? voided(answers, response) : undefined;
}

/** A form that says of a question why it has no answer, and gives one, has said two things. */
const unlessReasoned = (value: Value, reason: string | undefined): Value => {
  if (reason === undefined || value.invalid !== undefined) return value;
  return value.absent === undefined
    ? { invalid: 'value-and-reason' }
    : value.reasoned
      ? value
      : { absent: reason, reasoned: true };
};

const isWord = (value: unknown) => value === undefined || typeof value === 'string';

/** The question of an item: by itself, else as the form that it contains says. */
function askedBy(
  questionnaireResponseItem: fhir4.QuestionnaireResponseItem,
  forms: ReadonlyMap<string, Asked>,
): Pick<Answer, 'question' | 'asked' | 'called'> {
  const told = forms.get(textOf(questionnaireResponseItem.linkId) ?? '');
  const question = questionOf(questionnaireResponseItem);
  const [code] = loincOf(told);
  if (code === undefined || loincAtEnd.test(question)) {
    const text =
      textOf(questionnaireResponseItem.text) === undefined && told?.text !== undefined
        ? { text: told.text }
        : {};
    return { question: question, ...wordingOf({ ...questionnaireResponseItem, ...text }) };
  }
  const text = textOf(questionnaireResponseItem.text);
  return { question: code, ...(text === undefined ? {} : { called: [text] }) };
}

/** What the form asked: it tells the question where its `linkId` is no LOINC code, and else must not say another one. */
function wordingOf(
  questionnaireResponseItem: fhir4.QuestionnaireResponseItem,
): Pick<Answer, 'asked' | 'called'> {
  const text = textOf(questionnaireResponseItem.text);
  if (text === undefined) return {};
  return loincAtEnd.test(questionOf(questionnaireResponseItem))
    ? { called: [text] }
    : { asked: text };
}

/** The LOINC code that an item ends in, else its `linkId`. */
export function questionOf(questionnaireResponseItem: fhir4.QuestionnaireResponseItem): string {
  const ends = [questionnaireResponseItem.linkId, questionnaireResponseItem.definition].map(
    (one) => loincAtEnd.exec(textOf(one)?.trim() ?? '')?.[1],
  );
  return ends.find((one) => one !== undefined) ?? textOf(questionnaireResponseItem.linkId) ?? '';
}
