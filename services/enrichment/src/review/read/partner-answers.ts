import { notesOf, type Oddity, type PartnerNote, type ShownOutput } from '@loopwell/sdoh';
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
  /**
   * The notes one by one, with who wrote them and when; none where the Task was too large to keep,
   * or is erased.
   */
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
  const lines = await answers.answersOf(tx, tenant, referral);
  return lines.map(answerView);
}

function answerView(line: AnswerLine): PartnerAnswerView {
  const { door, who, status, reason, note } = line;
  const codes = JSON.parse(line.codes) as PartnerAnswerView['codes'];
  return {
    at: line.at.toISOString(),
    door,
    who,
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

const verdicts = ['helped', 'no-outcome', 'outcome-doubted'] as const;
/** What a completed Task led to. */
export type Verdict = (typeof verdicts)[number];

/** What a completed Task led to, as far as the partner shows it. */
export const verdictOf = ({ status, reason }: Pick<TaskRow, 'status' | 'reason'>): Verdict | null =>
  (status === 'completed' && verdicts.find((one) => one === reason)) || null;
