import type { fhir4 } from '@loopwell/fhir';
import { reasonOn } from '../fhir-json/absent-reasons.ts';
import { type Asked, questionsWithin } from '../fhir-json/contained-questionnaire.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isListOfObjects, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import { hasValueElsewhere } from '../fhir-json/value-in-extension.ts';
import type { Answer } from '../model.ts';
import { type AnswerValue, valuesOf } from './answer-values.ts';
import { voidFlawedAnswers } from './flawed-answers.ts';

type Item = fhir4.QuestionnaireResponseItem;

/**
 * Matches the LOINC code at the end of a `linkId` (`/93042-0/71802-3`) or of a `definition`. The
 * code is not checked against a table: an answer that no table knows is an answer still.
 */
const loincAtEnd = /(?:^|\D)(\d{1,7}-\d)$/;

/**
 * The deepest level of items that is read. Forms are a handful of levels deep; more would exhaust
 * the stack.
 */
const deepest = 50;

/**
 * Reads the answers of a form.
 *
 * @returns undefined where it has not the shape of one, so that reading would lose answers
 */
export function answersOfResponse(response: fhir4.QuestionnaireResponse): Answer[] | undefined {
  const source = `QuestionnaireResponse/${response.id ?? ''}`;
  const authored = textOf(response.authored) ?? '';
  const contained = questionsWithin(response);
  const answers: Answer[] = [];
  const readItem = (formItem: Item, place: string, depth: number): boolean => {
    if (!hasItsShape(formItem)) return false;
    const base = { ...readQuestion(formItem, contained), source, authored };
    const reason = reasonOn(formItem);
    const itemAnswers = objectsOf(formItem.answer);
    const isRead = itemAnswers.every((answer, index) => {
      const at = `${place}.answer[${index}]`;
      const values = valuesOf(answer).map((read) => checkReason(read, reason));
      answers.push(...values.map((read) => ({ ...base, place: at, ...read })));
      return readItems(answer.item, `${at}.`, depth + 1);
    });
    // An item with items in it and no answer is a heading.
    if (itemAnswers.length === 0 && objectsOf(formItem.item).length === 0)
      answers.push({ ...base, place, ...readUnanswered(formItem, reason) });
    return isRead && readItems(formItem.item, `${place}.`, depth + 1);
  };
  const readItems = (items: unknown, path: string, depth: number): boolean => {
    if (!isListOfObjects(items) || depth > deepest) return false;
    return objectsOf(items as Item[]).every((formItem, index) =>
      readItem(formItem, `${path}item[${index}]`, depth),
    );
  };
  return readItems(response.item, '', 0) ? voidFlawedAnswers(answers, response) : undefined;
}

const hasItsShape = ({ answer, linkId, definition }: Item) =>
  isListOfObjects(answer) && isTextOrAbsent(linkId) && isTextOrAbsent(definition);

const isTextOrAbsent = (json: unknown) => json === undefined || typeof json === 'string';

/** Reads a question without an answer. */
function readUnanswered(
  formItem: Item,
  reason: string | undefined,
): AnswerValue & { blank?: true } {
  if (reason !== undefined) return { absent: reason };
  return hasValueElsewhere(formItem, /value|answer|response/i)
    ? { invalid: 'in-extension' }
    : { absent: 'unknown', blank: true };
}

/**
 * Checks an answer against the reason for its absence that its item gives. With both a value and a
 * reason it is invalid, since the form has said two things.
 */
function checkReason(read: AnswerValue, reason: string | undefined): AnswerValue {
  if (reason === undefined || read.invalid !== undefined) return read;
  if (read.absent === undefined) return { invalid: 'value-and-reason' };
  return read.reasoned ? read : { absent: reason, reasoned: true };
}

/**
 * Reads the question of an item: from the item itself, else from the Questionnaire that the form
 * contains.
 */
function readQuestion(
  formItem: Item,
  contained: ReadonlyMap<string, Asked>,
): Pick<Answer, 'question' | 'asked' | 'called'> {
  const asked = contained.get(textOf(formItem.linkId) ?? '');
  const question = findQuestionCode(formItem);
  const [code] = loincOf(asked);
  const text = textOf(formItem.text);
  if (code !== undefined && !loincAtEnd.test(question))
    return text === undefined ? { question: code } : { question: code, called: [text] };
  const words = text ?? asked?.text;
  if (words === undefined) return { question };
  // Without a LOINC `linkId` the words tell the question; with one they must not name another one.
  return loincAtEnd.test(question) ? { question, called: [words] } : { question, asked: words };
}

/** Returns the LOINC code that an item's `linkId` or `definition` ends in; else its `linkId`. */
export function findQuestionCode(formItem: Item): string {
  const codes = [formItem.linkId, formItem.definition].map(
    (text) => loincAtEnd.exec(textOf(text)?.trim() ?? '')?.[1],
  );
  return codes.find((code) => code !== undefined) ?? textOf(formItem.linkId) ?? '';
}
