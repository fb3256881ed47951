import { suspendGrantsOfReferrals } from '../access/disclosure-grants.ts';
import { patchRows, type Tx } from '../database/database.ts';
import { insertRows } from '../database/insert-rows.ts';
import type { Rows } from '../database/rows.generated.ts';
import { relabeledAmong } from './relabeled-referrals.ts';

export { type NextAsked, saveNext } from './partners/next-asked.ts';

/** The reasons for which a referral is withdrawn and its Task taken back. */
export type EndedReason =
  | 'refused'
  | 'agreement-withdrawn'
  | 'consent-revoked'
  | 'consent-unclear'
  | 'consent-expired'
  | 'said-no'
  | 'not-this-place'
  | 'restricted'
  | 'kept-out'
  | 'undone'
  | 'partner-changed'
  | 'helped-elsewhere'
  | 'no-longer-wanted'
  | 'not-reached'
  | 'moved'
  | 'person-died'
  | 'person-merged'
  | 'person-inactive';

/** A row of the table `referral`; the baseline migration says what each column holds. */
export type ReferralRow = Omit<
  Rows['referral'],
  'approval' | 'ended_reason' | 'gate_since' | 'danger_since' | 'human' | 'work_list' | 'later_day'
> & {
  approval: 'approved' | 'refused' | null;
  ended_reason: EndedReason | null;
};

/** Loads all referrals of some people. */
export async function referralsOfPeople(tx: Tx, people: readonly string[]): Promise<ReferralRow[]> {
  const { rows } = await tx.query<ReferralRow>(
    'select * from referral where tenant = $tenant and person = any($1) order by id',
    [people],
  );
  return rows;
}

/** Loads referrals by their ids. */
export async function loadReferrals(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, ReferralRow>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<ReferralRow>(
    'select * from referral where tenant = $tenant and id = any($1) order by id',
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Loads referrals and locks them until the transaction ends, in the order of their ids. */
export async function lockReferrals(
  tx: Tx,
  ids: readonly string[],
): Promise<Map<string, ReferralRow>> {
  if (ids.length === 0) return new Map();
  const { rows } = await tx.query<ReferralRow>(
    'select * from referral where tenant = $tenant and id = any($1) order by id for update',
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** A need that coding found, from which a referral is opened or updated. */
export type NeedRow = {
  id: string;
  tenant: string;
  connection: string;
  person: string;
  category: string;
  episode: number;
  unambiguous: boolean;
  sensitive: boolean;
  conditions: string;
  since: string;
  trace: string;
  danger?: string | undefined;
  danger_kind?: ReferralRow['danger_kind'] | undefined;
  confirmed?: boolean | undefined;
  doubted?: boolean | undefined;
  restriction?: ReferralRow['restriction'] | undefined;
  evidence_version?: string | null | undefined;
};

const needColumns = [
  'id',
  'tenant',
  'connection',
  'person',
  'category',
  'episode',
  'unambiguous',
  'sensitive',
  'conditions',
  'since',
  'trace',
  'danger',
  'danger_kind',
  'confirmed',
  'doubted',
  'restriction',
  'evidence_version',
] as const satisfies (keyof NeedRow)[];

/**
 * Opens a referral for each need, or updates an open one. An ended referral is never changed. A
 * postponed referral is shown again as soon as anything about it is new. A partner that was picked
 * before a restriction is dropped, since it was not picked for restricted information.
 */
export async function saveNeeds(tx: Tx, rows: readonly NeedRow[]): Promise<void> {
  const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
  const relabeled = await relabeledAmong(tx, sorted);
  await insertRows(
    tx,
    'referral as r',
    [...needColumns, 'gate'],
    sorted.map((row) => [
      ...needColumns.map(
        (column) => row[column] ?? (column === 'confirmed' || column === 'doubted' ? false : null),
      ),
      'review',
    ]),
    `on conflict (tenant, person, category, episode) do update
        set unambiguous = excluded.unambiguous, sensitive = excluded.sensitive,
        conditions = excluded.conditions,
            since = excluded.since, danger = excluded.danger, danger_kind = excluded.danger_kind,
            confirmed = excluded.confirmed, doubted = excluded.doubted,
            restriction = excluded.restriction,
            recipient = case when excluded.restriction is not null
            and excluded.restriction is distinct from r.restriction
                             then null else r.recipient end,
                             evidence_version = excluded.evidence_version, postponed_until = null,
                             changed_at = loopwell_now()
      where r.state in ('waiting', 'partner')
        and (r.unambiguous, r.sensitive, r.conditions, r.since, r.danger, r.danger_kind,
        r.confirmed, r.doubted, r.restriction,
             coalesce(r.evidence_version, excluded.evidence_version))
            is distinct from (excluded.unambiguous, excluded.sensitive, excluded.conditions,
            excluded.since, excluded.danger, excluded.danger_kind,
                              excluded.confirmed, excluded.doubted, excluded.restriction,
                              excluded.evidence_version)`,
  );
  await suspendGrantsOfReferrals(tx, relabeled);
}

/** Fields of a referral that stories change. */
export type ReferralPatch = Partial<
  Pick<
    ReferralRow,
    | 'state'
    | 'gate'
    | 'approval'
    | 'approved_by'
    | 'approved_at'
    | 'agreement_on'
    | 'agreement_by'
    | 'agreement_source'
    | 'agreement_authority'
    | 'minor_service'
    | 'minor_situation'
    | 'agreement_withdrawn_at'
    | 'consent_recorded'
    | 'service_code'
    | 'service_chosen_by'
    | 'service_request'
    | 'ehr_order'
    | 'sent'
    | 'postponed_until'
    | 'codes_chosen'
    | 'recipient'
    | 'without_help'
    | 'without_help_since'
    | 'decide_by'
    | 'must_by'
    | 'given_up_by'
    | 'asked_after'
    | 'turns_from'
    | 'people_decided'
    | 'ended_reason'
    | 'undo_until'
    | 'undone_at'
    | 'closed_for'
    | 'list_given_at'
    | 'added_by'
    | 'sent_anyway_by'
  >
>;

const patchTypes = {
  state: 'text',
  gate: 'text',
  approval: 'text',
  approved_by: 'text',
  approved_at: 'timestamptz',
  agreement_on: 'text',
  agreement_by: 'text',
  agreement_source: 'text',
  agreement_authority: 'text',
  minor_service: 'text',
  minor_situation: 'text',
  agreement_withdrawn_at: 'timestamptz',
  consent_recorded: 'text',
  service_code: 'text',
  service_chosen_by: 'text',
  service_request: 'uuid',
  ehr_order: 'text',
  sent: 'boolean',
  postponed_until: 'text',
  codes_chosen: 'text',
  recipient: 'text',
  without_help: 'text',
  without_help_since: 'timestamptz',
  decide_by: 'timestamptz',
  must_by: 'text',
  given_up_by: 'text',
  asked_after: 'integer',
  turns_from: 'integer',
  people_decided: 'integer',
  ended_reason: 'text',
  undo_until: 'timestamptz',
  undone_at: 'timestamptz',
  closed_for: 'text',
  list_given_at: 'timestamptz',
  added_by: 'text',
  sent_anyway_by: 'text',
} as const satisfies Record<keyof ReferralPatch, string>;

/**
 * Changes fields of referrals. Where a refusal or a consent is among them, what partners may read
 * is suspended until somebody has judged it anew.
 */
export async function patchReferrals(
  tx: Tx,
  patches: readonly { id: string; patch: ReferralPatch }[],
): Promise<void> {
  await patchRows(tx, 'referral', patchTypes, patches, 'changed_at = loopwell_now(), ');
  const judgedAnew = patches.filter(({ patch }) => bearsOnReads(patch));
  await suspendGrantsOfReferrals(
    tx,
    judgedAnew.map((one) => one.id),
  );
}

/** Tells whether a change may take away what a partner may read. */
const bearsOnReads = (patch: ReferralPatch): boolean =>
  patch.approval === 'refused' ||
  patch.consent_recorded !== undefined ||
  (patch.undone_at ?? null) !== null ||
  (patch.agreement_withdrawn_at ?? null) !== null;

/** A decision about a referral, to be added. */
export type DecisionRow = {
  tenant: string;
  referral: string;
  person: string;
  decision: string;
  principal: string;
  principalKind: string;
  /** Free text of a person; personal data. */
  reason?: string;
  facts?: string;
  /** The request that recorded it, with others or by itself. */
  request?: string;
};

const decisionColumns = [
  'tenant',
  'referral',
  'person',
  'decision',
  'principal',
  'principal_kind',
  'reason',
  'facts',
  'request',
];

/** Adds decisions about referrals. */
export async function addDecisions(tx: Tx, rows: readonly DecisionRow[]): Promise<void> {
  await insertRows(
    tx,
    'decision',
    decisionColumns,
    rows.map((row) => [
      row.tenant,
      row.referral,
      row.person,
      row.decision,
      row.principal,
      row.principalKind,
      row.reason ?? null,
      row.facts ?? null,
      row.request ?? null,
    ]),
  );
}
