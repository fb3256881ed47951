import type { Formats } from '@loopwell/http';
import type { UndoRefusal } from '@loopwell/sdoh';

/** How many people a sentence names; the others are counted. */
const namedAtMost = 12;

const lists = new Intl.ListFormat('en-US', { type: 'conjunction' });

/** Writes the people of a decision: "Kia Lor, Sam Vang, and 3 more". */
function nameList(names: readonly string[]): string {
  const more = names.length - namedAtMost;
  return lists.format(more > 0 ? [...names.slice(0, namedAtMost), `${more} more`] : names);
}

/** Writes decisions in one sentence: "Approved, consent recorded". */
function decisionSentence(decisions: readonly string[], who: string): string {
  const [first = '', ...others] = decisions;
  const rest = others.map((text) => `${text.charAt(0).toLowerCase()}${text.slice(1)}`);
  return `${[first, ...rest].join(', ')} for ${who}.`;
}

/** Makes the English texts about a decision that was just made, and about undoing it. */
export const undoTexts = (formats: Formats) => ({
  people: nameList,
  made: decisionSentence,
  goesOutAt: (at: Date): string => `Nothing is sent before ${formats.instant(at)}.`,
  notSent: (who: string, why: string): string => `${who}: ${why}`,
  obstacles: obstacleTexts,
  comesBack: (what: string, partner: string): string =>
    `${what}: we are taking it back from ${partner}. They can no longer read it.`,
  staysHere: (what: string): string => `${what}: nothing goes out.`,
  moreStopped: (n: number): string => `${n} more: stopped as well.`,
  undo: 'Undo',
  undoFor: (people: number): string =>
    people > 1 ? `Undo for all ${formats.count(people)}` : 'Undo',
  takeBack: 'Undo and take it back',
  sendNow: 'Send now',
  ...resultTexts(formats),
  rules: refusals,
});

/** What stands before a referral, after the names of the people. */
const obstacleTexts = {
  review: 'nothing is sent, because the need is not approved.',
  saidNo: 'nothing is sent, because they said no to this help.',
  agreement: 'nothing is sent yet. Next, ask them whether they want this help.',
  whoAgreed:
    'nothing is sent yet, because they are under age. Next, write down who said yes, such as a parent.',
  nobodyLeft:
    'nothing is sent. No partner in the directory helps with this, or they keep all of them out.',
  service: 'nothing is sent yet. Next, pick a service.',
  consent: (sentence: string): string => `nothing is sent. ${sentence}`,
};

/** The words for what came of undoing a decision. */
const resultTexts = ({ plural }: Formats) => ({
  undone: (who: string): string => `Undone for ${who}. Nothing was sent.`,
  recalled: (who: string, n: number): string =>
    `${plural(n, 'The referral', 'The referrals')} of ${who} had been sent already. We are ` +
    'taking it back. The partner can no longer read it. If the partner has called already, ' +
    'call the partner.',
  answered: (who: string, n: number): string =>
    `${plural(n, 'A partner', 'Partners')} had said yes already for ${who}. We are taking ` +
    `${plural(n, 'the referral', 'the referrals')} back, and it can no longer be read. Call ` +
    `${plural(n, 'the partner', 'the partners')}: somebody may be at work on it.`,
  refused: (who: string, why: string): string => `Not undone for ${who}: ${why}`,
});

const refusals: Readonly<Record<UndoRefusal, string>> = {
  'not-yours': 'somebody else decided this.',
  'decided-since': 'there is a later decision.',
  answered: 'the partner has answered already. Decide anew, or take back the agreement.',
  ended: 'this referral has ended meanwhile.',
  'in-chart': 'the need was approved since. Change the finding in the EHR.',
};
