import type { Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';

/**
 * The consent under which a Task goes, in the version that was judged, with what its recipient may
 * read.
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

/** Saves consent decisions for good, since they decide what a partner may read. */
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

/** The consent under which a Task was sent. */
export type TaskConsent = {
  task: string;
  consentId: string;
  decidedAt: Date;
  /** The end of the consent as it was known when the Task was sent; null for no end. */
  until: Date | null;
};

/**
 * Reads the consent that was judged for each Task, by Task. A consent that was decided before its
 * Task was noted counts by its recipient.
 */
export async function consentsOfTasks(
  tx: Tx,
  referrals: readonly string[],
): Promise<Map<string, TaskConsent>> {
  if (referrals.length === 0) return new Map();
  const { rows } = await tx.query<TaskConsent>(
    `select t.id as task, c.consent_id as "consentId", c.decided_at as "decidedAt", c.until
       from task t join lateral (select * from consent_decision d
                                  where d.tenant = $tenant and d.referral = t.referral
                                  and d.recipient = t.partner and (d.task is null or d.task = t.id)
                                  order by d.id desc limit 1) c on true
      where t.tenant = $tenant and t.referral = any($1)`,
    [referrals],
  );
  return new Map(rows.map((row) => [row.task, row]));
}

/**
 * Lists the Consents of some people with the recipients that they were shown to. Each copy has an
 * id of its own.
 */
export async function consentRecipients(
  tx: Tx,
  people: readonly string[],
): Promise<{ person: string; consentId: string; recipient: string }[]> {
  if (people.length === 0) return [];
  const { rows } = await tx.query<{ person: string; consentId: string; recipient: string }>(
    `select distinct person, consent_id as "consentId", recipient from consent_decision
      where tenant = $tenant and person = any($1)`,
    [people],
  );
  return rows;
}

/** Until when the consent of a Task lasts, and whether `refer` has its referral in hand. */
export type ConsentEnd = { task: string; until: Date; isAsked: boolean };

/** Reads until when the consents of some Tasks last, by Task; those without an end are left out. */
export async function consentEnds(
  tx: Tx,
  tasks: readonly string[],
): Promise<Map<string, ConsentEnd>> {
  if (tasks.length === 0) return new Map();
  const { rows } = await tx.query<ConsentEnd>(
    `select t.id as task, c.until, exists (select 1 from ledger l where l.tenant = $tenant
              and l.stage = 'refer' and l.subject = t.referral::text) as "isAsked"
       from task t join lateral (select d.until from consent_decision d
              where d.tenant = $tenant and d.referral = t.referral and d.recipient = t.partner
                and (d.task is null or d.task = t.id)
              order by d.id desc limit 1) c on c.until is not null
      where t.tenant = $tenant and t.id = any($1::uuid[])`,
    [tasks],
  );
  return new Map(rows.map((row) => [row.task, row]));
}
