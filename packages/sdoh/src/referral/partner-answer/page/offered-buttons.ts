import { isTaken, isUntaken } from '../../task-state-machine.ts';
import { type AnswerButton, answerButtons, buttonRow } from '../answer-buttons.ts';

/** What decides which buttons a Task has: its status, and the tries that were told of it. */
export type ButtonState = {
  status: string;
  /** How many times this partner has said that nobody answered. */
  noAnswers: number;
  /** One of them was today, at the site. One try a day counts. */
  hasTriedToday: boolean;
};

/**
 * Lists the buttons that a Task offers, in their order on the page.
 *
 * @param kind the kind of the partner's service; undefined where nobody has said it
 */
export function buttonsFor(state: ButtonState, kind?: string): AnswerButton[] {
  const names = Object.keys(answerButtons) as AnswerButton[];
  return names.filter((name) => isOffered(name, state, kind));
}

const tries: readonly AnswerButton[] = ['noAnswer1', 'noAnswer2', 'noAnswer3'];

function isOffered(button: AnswerButton, state: ButtonState, kind: string | undefined): boolean {
  const { offered } = buttonRow(button);
  const isNow = offered === 'before yes' ? isUntaken(state.status) : isTaken(state.status);
  if (!isNow || !isButtonOf(button, kind)) return false;
  if (!tries.includes(button)) return true;
  return !state.hasTriedToday && tries[Math.min(state.noAnswers, 2)] === button;
}

/** Tells whether partners of a kind have a button at all. */
export function isButtonOf(button: AnswerButton, kind: string | undefined): boolean {
  const { kinds } = buttonRow(button);
  return kinds === 'all' || (kinds === 'legal') === (kind === 'legal');
}

/** Counts the tries among the buttons that were said of a Task. */
export const noAnswersAmong = (buttons: readonly string[]): number =>
  buttons.filter((button) => tries.some((one) => one === button)).length;
