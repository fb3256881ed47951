import { siteProblems } from '../site-settings.ts';

/**
 * Somebody on duty. `secret` is how their webhook is signed: plain as a person typed it, sealed as
 * it is stored.
 */
export type DutyPerson = {
  name: string;
  email?: string | undefined;
  webhook?: { url: string; secret?: string | undefined } | undefined;
};

/** Who is told that a person needs someone, in their order, and the number that messages name. */
export type OnDutyList = { people: readonly DutyPerson[]; phone: string };

/** A part of the list that breaks its rule, by its path. It never holds the value. */
export type OnDutyProblem = { path: string; rule: string };

/** People on duty at most: whoever is behind them would be told too late. */
const mostPeople = 20;

const isLine = (text: string, most: number): boolean =>
  text.trim() === text && text.length > 0 && text.length <= most && !/\p{Cc}/u.test(text);

/** One address without a name, a list or a comment: what else a mail server may read is refused. */
const address = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/;

/** A secret of the Standard Webhooks specification: 24 to 64 bytes in base64 behind `whsec_`. */
const secretPattern = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function isSecret(secret: string): boolean {
  if (!secretPattern.test(secret)) return false;
  const text = secret.slice('whsec_'.length).replace(/=+$/, '');
  const bytes = Math.floor((text.length * 3) / 4);
  return bytes >= 24 && bytes <= 64;
}

/** Lists what breaks a rule in a list of people on duty. An empty list of people is allowed. */
export function onDutyProblems({ people, phone }: OnDutyList): OnDutyProblem[] {
  const problems: OnDutyProblem[] = [];
  if (people.length > mostPeople)
    problems.push({ path: '/people', rule: `must name at most ${mostPeople} people` });
  for (const [index, person] of people.entries()) {
    const path = `/people/${index}`;
    problems.push(...personProblems(person).map((problem) => within(path, problem)));
  }
  const phoneRule = siteProblems({ phone })[0]?.rule;
  if (phoneRule !== undefined) problems.push({ path: '/phone', rule: phoneRule });
  return problems;
}

const within = (path: string, problem: OnDutyProblem): OnDutyProblem => ({
  path: `${path}${problem.path}`,
  rule: problem.rule,
});

function personProblems({ name, email, webhook }: DutyPerson): OnDutyProblem[] {
  const problems: OnDutyProblem[] = [];
  if (!isLine(name, 100))
    problems.push({ path: '/name', rule: 'must be a name of 1 to 100 characters on one line' });
  if (email === undefined && webhook === undefined)
    problems.push({ path: '/email', rule: 'must be there, or else a webhook: how are they told?' });
  if (email !== undefined && (!address.test(email) || email.length > 254))
    problems.push({ path: '/email', rule: 'must be one e-mail address, such as ada@clinic.org' });
  if (webhook === undefined) return problems;
  if (!isLine(webhook.url, 500) || !/^https?:\/\/[^\s]+$/.test(webhook.url))
    problems.push({ path: '/webhook/url', rule: 'must be an https address' });
  if (webhook.secret !== undefined && !isSecret(webhook.secret))
    problems.push({
      path: '/webhook/secret',
      rule: 'must be whsec_ and 24 to 64 bytes in base64 (Standard Webhooks)',
    });
  return problems;
}

/** Returns the one text of every message about a person. It says nothing about anybody. */
export const dutyText = (phone: string): string =>
  `Someone needs you. Open the list or call ${phone}.`;

/** What an alert is about. */
type AlertKind =
  | 'see-first'
  | 'call-today'
  | 'summary'
  | 'without-help'
  | 'partner-half'
  | 'partner-late';

/**
 * Returns the text of a message for some alerts. Where somebody needs help soon it says that alone,
 * in the same words whatever the kind.
 */
export function alertText(kinds: readonly AlertKind[], phone: string): string {
  if (kinds.some((kind) => calmTexts[kind] === undefined)) return dutyText(phone);
  const texts = new Set(kinds.map((kind) => calmTexts[kind]?.(phone)));
  return [...texts].join('\n');
}

/** Returns the text of the message that people are still without help. */
const withoutHelpText = (phone: string): string =>
  'People have been without help for longer than your site allows. ' +
  `Open the list Still without help or call ${phone}.`;

/** Returns the text of the one message about a first load and about old answers. */
const summaryText = (phone: string): string =>
  `There are people on the list from earlier answers. Open the list or call ${phone}.`;

/** Returns the text of the message that half of the time of some partners is over. */
const halfText = (phone: string): string =>
  'Partners have not answered yet, and half of their time is over. ' +
  `Open the list Waiting for partner or call ${phone}.`;

/** Returns the text of the message that partners which said yes say nothing more. */
const lateText = (phone: string): string =>
  'Partners have said yes and nothing since. ' +
  `Open the list Waiting for partner or call ${phone}.`;

/** The texts of the kinds that can wait. */
const calmTexts: Partial<Record<AlertKind, (phone: string) => string>> = {
  summary: summaryText,
  'without-help': withoutHelpText,
  'partner-half': halfText,
  'partner-late': lateText,
};
