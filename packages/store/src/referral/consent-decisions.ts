import { insertRows, type Tx } from '../database/database.ts';

/**
 * The consent under which a Task goes, in the version that was judged, and what it lets its
 * recipient read.
 */
export type ConsentDecision = {
  tenant: string;
  person: string;
  referral: string;
  task: string;
  consentId: string;
  consentVersion: string;
  recipient: string;
  purpose: string;
  /** Types that are shared, as JSON. */
  shared: string;
  /** An instant, as FHIR writes it. */
  until: string | null;
};

/** Keeps the decisions for good: what a partner may read follows from them. */
export async function keepConsentDecisions(
  tx: Tx,
  decisions: readonly ConsentDecision[],
): Promise<void> {
  await insertRows(
    tx,
    'consent_decision',
    [
      'tenant',
      'person',
      'referral',
      'task',
      'consent_id',
      'consent_version',
      'recipient',
      'purpose',
      'shared',
      'until',
    ],
    decisions.map((row) => [
      row.tenant,
      row.person,
      row.referral,
      row.task,
      row.consentId,
      row.consentVersion,
      row.recipient,
      row.purpose,
      row.shared,
      row.until,
    ]),
  );
}

/** The consent under which a Task went. */
export type TaskConsent = { task: string; consentId: string; decidedAt: Date; hasEnded: boolean };

/**
 * By Task: the consent that was judged for each. One that was decided before its Task was noted
 * counts by its recipient.
 */
export async function consentsOfTasks(
  tx: Tx,
  referrals: readonly string[],
): Promise<Map<string, TaskConsent>> {
  if (referrals.length === 0) return new Map();
  const { rows } = await tx.query<TaskConsent>(
    `select t.id as task, c.consent_id as "consentId", c.decided_at as "decidedAt", coalesce(c.until <= now(), false) as "hasEnded"
       from task t join lateral (select * from consent_decision d
                                  where d.referral = t.referral and d.recipient = t.partner and (d.task is null or d.task = t.id)
                                  order by d.id desc limit 1) c on true
      where t.referral = any($1)`,
    [referrals],
  );
  return new Map(rows.map((row) => [row.task, row]));
}

/** Consents that were shown to recipients, for some people: each copy has an id of its own. */
export async function consentRecipients(
  tx: Tx,
  people: readonly string[],
): Promise<{ person: string; consentId: string; recipient: string }[]> {
  if (people.length === 0) return [];
  const { rows } = await tx.query<{ person: string; consentId: string; recipient: string }>(
    'select distinct person, consent_id as "consentId", recipient from consent_decision where person = any($1)',
    [people],
  );
  return rows;
}
