import {
  notesOf,
  type Oddity,
  type PartnerNote,
  type ShownOutput,
  unreadableWords,
} from '@loopwell/sdoh';
import { type AnswerLine, answers, type TaskRow, type Tx } from '@loopwell/store';

/** What a partner said at one moment, whole: for reviewers. */
export type PartnerAnswerView = {
  at: string;
  /** How it reached us. */
  door: AnswerLine['door'];
  who: string;
  /** As the partner wrote it; it may be no status of FHIR's. */
  status: string;
  reason: string | null;
  note: string | null;
  /** The notes one by one, with who wrote them and when; none where the Task was too large to keep, or is erased. */
  notes: PartnerNote[];
  businessStatus: string | null;
  codes: { system: string; code: string }[];
  odd: Oddity[];
  outputs: ShownOutput[];
};

/** What partners said of one referral, in order. */
export async function partnerAnswersOf(
  tx: Tx,
  tenant: string,
  referral: string,
): Promise<PartnerAnswerView[]> {
  return (await answers.answersOf(tx, tenant, referral)).map((line) => ({
    at: line.at.toISOString(),
    door: line.door,
    who: line.who,
    status: line.status,
    reason: line.reason,
    note: line.note,
    notes: line.note === null ? [] : notesOf(JSON.parse(line.body ?? 'null')),
    businessStatus: line.business_status,
    codes: (JSON.parse(line.codes) as PartnerAnswerView['codes']).map(({ system, code }) => ({
      system,
      code,
    })),
    odd: JSON.parse(line.oddities) as Oddity[],
    outputs: JSON.parse(line.outputs ?? '[]') as ShownOutput[],
  }));
}

const verdicts = ['helped', 'no-outcome', 'outcome-doubted'] as const;
export type Verdict = (typeof verdicts)[number];

/** What a completed Task led to, as far as the partner shows it. */
export const verdictOf = ({ status, reason }: Pick<TaskRow, 'status' | 'reason'>): Verdict | null =>
  (status === 'completed' && verdicts.find((one) => one === reason)) || null;

const doors: Readonly<Record<AnswerLine['door'], string>> = {
  poll: 'when we asked',
  send: 'right after it was sent',
  recall: 'when we took it back',
};

const oddities: Readonly<Record<Oddity, string>> = {
  'not-a-task': 'It shows something else in place of the Task.',
  'not-understood':
    'It marks the Task in a way that Loopwell does not understand, so nothing was done on it.',
  'other-person': 'It shows the Task for another person by now, so nothing was done on it.',
  'other-order': 'It shows the Task for another order by now, so nothing was done on it.',
  'other-receipt': 'It shows the number of another Task, so nothing was done on it.',
  'other-owner': 'It has handed the Task on to another organization.',
};

const unread: Readonly<Record<string, string>> = {
  elsewhere: 'it lies where Loopwell does not read',
  'not-there': 'the partner does not show it',
  unreadable: 'it could not be read',
  'too-many': 'there were too many',
};

/** Words for the page. */
export const partnerWords = {
  door: (door: AnswerLine['door']): string => doors[door],
  who: (who: string): string => who.replace(/^partner:/, ''),
  odd: (oddity: Oddity): string => oddities[oddity],
  unread: (why: string): string => unread[why] ?? unreadableWords,
};

const ended: Readonly<Record<Verdict, string>> = {
  helped: 'helped, says the partner',
  'no-outcome': 'done, says the partner, without showing what was done',
  'outcome-doubted': 'done, says the partner, and what it shows speaks against it',
};

/** How a Task stands, in plain words. */
export const taskWords = (task: Pick<TaskRow, 'status' | 'reason' | 'live'>): string => {
  const verdict = verdictOf(task);
  return verdict ? ended[verdict] : `${task.status}${task.live ? '' : ' (ended)'}`;
};
