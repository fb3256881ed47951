import { isTaken, isUntaken } from '../../task-state-machine.ts';
import { type AnswerButton, answerButtons, buttonRow } from '../answer-buttons.ts';

/** What decides which buttons a Task has: its status, and the tries that were told of it. */
export type ButtonState = {
  status: string;
  /** How many times this partner has said that nobody answered. */
  noAnswers: number;
  /** The day from which the next try counts, YYYY-MM-DD; undefined where it may be now. */
  nextTry?: string | undefined;
  /** The partner is shown a way to reach the person, once it has said yes. */
  canReach: boolean;
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
/** Whoever knows no number promises no call, and has tried nobody. */
const callsOnly: readonly AnswerButton[] = ['yesWeCall', ...tries];

function isOffered(button: AnswerButton, state: ButtonState, kind: string | undefined): boolean {
  const { offered } = buttonRow(button);
  const isNow = offered === 'before yes' ? isUntaken(state.status) : isTaken(state.status);
  if (!isNow || !isButtonOf(button, kind)) return false;
  if (!state.canReach && callsOnly.includes(button)) return false;
  if (!tries.includes(button)) return true;
  return state.nextTry === undefined && tries[Math.min(state.noAnswers, 2)] === button;
}

/** The last try of a partner: its day at the site, and the day that it named for the next one. */
export type LastTry = { day: string; next?: string | undefined };

const dayMs = 86_400_000;

/**
 * Gives the day from which the next try counts, if that is still ahead: the one that the partner
 * named, and never the day of the last try. One try a day counts.
 */
export function nextTryAfter({ day, next }: LastTry, today: string): string | undefined {
  const dayAfter = new Date(Date.parse(day) + dayMs).toISOString().slice(0, 10);
  const from = next !== undefined && next > dayAfter ? next : dayAfter;
  return from > today ? from : undefined;
}

/** Tells whether partners of a kind have a button at all. */
export function isButtonOf(button: AnswerButton, kind: string | undefined): boolean {
  const { kinds } = buttonRow(button);
  return kinds === 'all' || (kinds === 'legal') === (kind === 'legal');
}

/** Counts the tries among the buttons that were said of a Task. */
export const noAnswersAmong = (buttons: readonly string[]): number =>
  buttons.filter((button) => tries.some((one) => one === button)).length;
