import { insertRows, type Tx } from '../database/database.ts';

/** The consent under which a Task goes, in the version that was judged, and what it lets its recipient read. */
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
