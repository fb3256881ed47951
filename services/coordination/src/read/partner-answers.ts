import {
  type AnswerFields,
  notesOf,
  type Oddity,
  type PartnerNote,
  type ShownOutput,
} from '@loopwell/sdoh';
import { answers, type InboxRow, type TaskRow, type Tx } from '@loopwell/store';

/** A partner's whole answer at one moment, for reviewers. */
export type PartnerAnswerView = {
  /** The number of the answer, by which its words are removed. */
  id: number;
  /** The Task that it is about. */
  task: string;
  /** The button that said it; null for other doors. */
  button: string | null;
  /** What was typed beside the button, without the note. */
  fields: AnswerFields;
  /** When it counts, while it can still be undone; null otherwise. */
  countsAt: string | null;
  undone: { at: string; by: string | null } | null;
  wordsRemoved: { at: string; by: string | null } | null;
  /** When it was received. */
  at: string;
  /** When it was said, where that is known. */
  saidAt: string | null;
  /** The way in which it reached us. */
  door: string;
  who: string;
  /** The person at the partner who said it, where the door asks for that. */
  saidBy: string | null;
  /** The principal that brought it here. */
  recordedBy: string;
  isTaken: boolean;
  /** Other messages that said the same. */
  repeats: { door: string; by: string; at: string }[];
  /** The status as the partner wrote it, which may be none of FHIR's. */
  status: string;
  reason: string | null;
  note: string | null;
  /**
   * The notes one by one, with author and time; empty if the Task was too large to keep, or is
   * erased.
   */
  notes: PartnerNote[];
  businessStatus: string | null;
  codes: { system: string; code: string }[];
  odd: Oddity[];
  outputs: ShownOutput[];
};

/** Lists the answers of partners about one referral, in order. */
export async function partnerAnswersOf(tx: Tx, referral: string): Promise<PartnerAnswerView[]> {
  const lines = await answers.answersOf(tx, referral);
  return lines.map(answerView);
}

function answerView(line: InboxRow): PartnerAnswerView {
  const { status, reason, note } = line;
  const codes = JSON.parse(line.codes) as PartnerAnswerView['codes'];
  return {
    ...originOf(line),
    ...buttonOf(line),
    status,
    reason,
    note,
    notes: note === null ? [] : notesOf(JSON.parse(line.body ?? 'null')),
    businessStatus: line.business_status,
    codes: codes.map(({ system, code }) => ({ system, code })),
    odd: JSON.parse(line.oddities) as Oddity[],
    outputs: JSON.parse(line.outputs ?? '[]') as ShownOutput[],
  };
}

/** Gives what is known of a button alone, and what was done with an answer here. */
function buttonOf(line: InboxRow) {
  const { id, task, button, held_until: until, undone_at, words_removed_at } = line;
  const isHeld = line.consumed_at === null && until !== null;
  return {
    ...{ id, task, button },
    fields: JSON.parse(line.fields) as AnswerFields,
    countsAt: isHeld ? until.toISOString() : null,
    undone: doneBy(undone_at, line.undone_by),
    wordsRemoved: doneBy(words_removed_at, line.words_removed_by),
  };
}

const doneBy = (at: Date | null, by: string | null) => at && { at: at.toISOString(), by };

/** Gives who said an answer and when, and how it got here. */
function originOf(line: InboxRow) {
  const { door, who } = line;
  const repeats = JSON.parse(line.repeats) as PartnerAnswerView['repeats'];
  return {
    at: line.received_at.toISOString(),
    saidAt: line.said_at?.toISOString() ?? null,
    door,
    who,
    saidBy: line.said_by,
    recordedBy: line.recorded_by,
    isTaken: line.consumed_at !== null,
    repeats: repeats.map((repeat) => ({
      door: repeat.door,
      by: repeat.by,
      at: repeat.at,
    })),
  };
}

const verdicts = ['helped', 'no-outcome', 'outcome-doubted'] as const;
/** The verdict on a completed Task. */
export type Verdict = (typeof verdicts)[number];

/** Gives the verdict on a completed Task, from what the partner shows; null for other Tasks. */
export const verdictOf = ({ status, reason }: Pick<TaskRow, 'status' | 'reason'>): Verdict | null =>
  (status === 'completed' && verdicts.find((one) => one === reason)) || null;
