import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';

/** What a person says about the help of one referral: the latest answer. */
export type HelpAnswerRow = Rows['help_answer'];

/** Keeps what a person says about help, in place of what they said before. */
export async function saveHelpAnswer(
  tx: Tx,
  answer: Omit<HelpAnswerRow, 'tenant' | 'recorded_at'>,
): Promise<void> {
  await tx.query(
    `insert into help_answer (tenant, referral, person, helped, said_on, asked_by, recorded_by)
     values ($tenant, $1, $2, $3, $4, $5, $6)
     on conflict (tenant, referral) do update set helped = excluded.helped,
       said_on = excluded.said_on, asked_by = excluded.asked_by,
       recorded_by = excluded.recorded_by, recorded_at = excluded.recorded_at`,
    [
      answer.referral,
      answer.person,
      answer.helped,
      answer.said_on,
      answer.asked_by,
      answer.recorded_by,
    ],
  );
}

/** Loads what people say about the help of some referrals, by referral. */
export async function helpAnswers(
  tx: Tx,
  referrals: readonly string[],
): Promise<Map<string, HelpAnswerRow>> {
  if (referrals.length === 0) return new Map();
  const { rows } = await tx.query<HelpAnswerRow>(
    'select * from help_answer where tenant = $tenant and referral = any($1::uuid[])',
    [referrals],
  );
  return new Map(rows.map((row) => [row.referral, row]));
}
