import { RequestProblems } from '@loopwell/http';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { type ReachChoice, type ReachProblem, reachProblems } from '@loopwell/sdoh';
import { readPhone } from './read-phone.ts';

/** How a person wants to be reached, as the API and the form say it. */
export type ReachBody = components['schemas']['ReachChange'];

/** A change of how a person is to be reached, whose rules are kept. */
export type ReachChange = {
  instead: string | null;
  answeredAt: Date;
  choice: ReachChoice;
  /** Undefined where nobody said whether they were alone. */
  askedAlone: boolean | undefined;
  /** Words of places and people that are to be kept out as well. */
  keepOut: readonly string[];
  /** Ids of keep-outs that the person has taken back. */
  allowAgain: readonly string[];
};

/**
 * Reads a change that fits the contract.
 *
 * @throws RequestProblems with the field and the rule of all that is wrong, and no value
 */
export function parseReach(body: ReachBody, now: Date): ReachChange {
  const problems: ReachProblem[] = [];
  const choice = choiceOf(body, problems);
  problems.push(...reachProblems(choice).filter(({ field }) => !isListed(problems, field)));
  const answeredAt = body.answeredAt === undefined ? now : new Date(body.answeredAt);
  const places = problems.map(({ field, rule }) => ({ path: `/body/choice/${field}`, rule }));
  if (answeredAt > now)
    places.push({ path: '/body/answeredAt', rule: 'must not be in the future' });
  if (places.length > 0) throw new RequestProblems('Nothing was recorded', places);
  const keepOut = (body.keepOut ?? []).map((words) => words.trim()).filter(Boolean);
  const { instead, askedAlone, allowAgain = [] } = body;
  return { instead, answeredAt, choice, askedAlone, keepOut, allowAgain };
}

const isListed = (problems: readonly ReachProblem[], field: string): boolean =>
  problems.some((problem) => problem.field === field);

function choiceOf({ choice }: ReachBody, problems: ReachProblem[]): ReachChoice {
  const { phone: typed = '', ...others } = choice;
  const phone = phoneOf(typed, problems);
  return phone === undefined ? others : { ...others, phone };
}

const phoneRules = {
  several: 'must be one number; two may be two people',
  invalid: 'must be a phone number with its area code',
} as const;

function phoneOf(typed: string, problems: ReachProblem[]): ReachChoice['phone'] {
  const read = readPhone(typed);
  if (read.kind === 'none') {
    if (read.why !== 'empty') problems.push({ field: 'phone', rule: phoneRules[read.why] });
    return undefined;
  }
  if (read.words !== undefined)
    problems.push({ field: 'phone', rule: 'must be the number alone, without words beside it' });
  const { number, extension } = read;
  return extension === undefined ? { number } : { number, extension };
}
