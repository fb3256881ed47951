import { AppError } from '@loopwell/kit';
import { parseAnswer } from '../answers/answer-body.ts';
import { recordAnswer } from '../answers/record-answer.ts';
import type { ReviewDeps, Reviewer } from '../reviewer.ts';
import type { OpenRequest } from './read-calls.ts';
import type { Sheet } from './sheet-body.ts';

/** What became of the lines of a sheet: written down, or not, by their referrals. */
export type RecordedSheet = { recorded: readonly string[]; left: readonly string[] };

/**
 * Records each line of a sheet as an answer of the partner: who came was helped, and words alone
 * are a note. A line that cannot be recorded stops no other. The same sheet twice is recorded once.
 *
 * @param requests what is open at the partner; other lines are left
 */
export async function recordSheet(
  deps: ReviewDeps,
  reviewer: Reviewer,
  { saidBy, at, lines }: Sheet,
  requests: readonly OpenRequest[],
): Promise<RecordedSheet> {
  const open = new Map(requests.map((request) => [request.referral, request]));
  const recorded: string[] = [];
  const left: string[] = [];
  for (const { referral, came, words } of lines) {
    const request = open.get(referral);
    const status = came ? 'completed' : request?.status;
    try {
      if (request === undefined) throw new AppError('NOT_FOUND', 'It is not open at this partner');
      const answer = parseAnswer({ status, note: words, saidBy, at, by: 'phone' });
      await recordAnswer(deps, reviewer, referral, answer);
      recorded.push(referral);
    } catch (error) {
      if (!(error instanceof AppError) || !isExplained.has(error.code)) throw error;
      left.push(referral);
    }
  }
  return { recorded, left };
}

const isExplained: ReadonlySet<string> = new Set(['REQUEST_INVALID', 'CONFLICT', 'NOT_FOUND']);
