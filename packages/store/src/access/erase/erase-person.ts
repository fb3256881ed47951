import { AppError, newId } from '@loopwell/kit';
import { requireRow, type Tx } from '../../database/database.ts';
import { appendHistory } from '../../database/history.ts';
import type { Rows } from '../../database/rows.generated.ts';
import { listDisclosures } from '../disclosure-account.ts';
import { partEquityFacts } from '../equity-facts.ts';
import { keepDisclosures } from '../kept-disclosures.ts';
import { deleteEhrNames, ehrPatients, lockCursors } from './ehr-names.ts';
import { lockErasing } from './erased-patients.ts';
import { emptyDemands, openDemands } from './legal-demands.ts';
import { deleteRowsWith, idsOfPerson, keptTables, type RowCounts } from './rows-of-person.ts';

/** A copy that somebody else has of what went out. */
export type CopyElsewhere = { partner: string; channel: string; task: string; at: Date };

/** What an erasure is about, as far as it is known before. */
export type ErasureView = {
  /** The human being, and all of their Patients. */
  person: string;
  patients: readonly string[];
  liveTasks: number;
  openDemands: number;
  /** What partners have, which Loopwell cannot erase. */
  copies: readonly CopyElsewhere[];
  /** Resources that were written into EHRs. */
  inEhr: number;
  /** The receipt, where the person was erased before. */
  receipt: Erasure | undefined;
};

/** The receipt of an erasure. */
export type Erasure = Omit<Rows['erasure'], 'tenant' | 'gone' | 'stays'> & {
  gone: RowCounts;
  stays: { rows: RowCounts; copies: readonly CopyElsewhere[]; inEhr: number };
};

const receiptOf = ({ tenant: _tenant, gone, stays, ...row }: Rows['erasure']): Erasure => ({
  ...row,
  gone: JSON.parse(gone) as RowCounts,
  stays: JSON.parse(stays) as Erasure['stays'],
});

/** Lists the receipts of erasures, the latest first. */
export async function listErasures(tx: Tx, limit: number): Promise<Erasure[]> {
  const { rows } = await tx.query<Rows['erasure']>(
    'select * from erasure where tenant = $tenant order by at desc, id limit $1',
    [limit],
  );
  return rows.map(receiptOf);
}

/**
 * Reads what an erasure of a person is about.
 *
 * @param id the person's own id, or that of one of their Patients
 * @throws AppError NOT_FOUND where nothing of such a person is on record
 */
export async function viewErasure(tx: Tx, id: string): Promise<ErasureView> {
  const { rows: done } = await tx.query<Rows['erasure']>(
    `select e.* from erasure e where e.tenant = $tenant and e.person = coalesce((select x.person
       from erased_patient x where x.tenant = $tenant and x.patient = $1::uuid), $1::uuid)`,
    [id],
  );
  const receipt = done[0] && receiptOf(done[0]);
  const { person, patients } = await patientsOf(tx, id);
  if (patients.length === 0 && !receipt)
    throw new AppError('NOT_FOUND', 'Nothing of such a person is on record');
  return {
    ...{ person: patients.length === 0 ? (receipt?.person ?? id) : person, patients, receipt },
    ...(await holdings(tx, patients)),
    openDemands: await openDemands(tx, patients),
  };
}

async function patientsOf(tx: Tx, id: string): Promise<{ person: string; patients: string[] }> {
  const { rows } = await tx.query<{ person: string; patient: string }>(
    `select person, patient from patient_link where tenant = $tenant and person = coalesce(
       (select person from patient_link where tenant = $tenant and patient = $1::uuid), $1::uuid)
     union
     select $1::uuid, $1::uuid where not exists (select 1 from patient_link
         where tenant = $tenant and (patient = $1::uuid or person = $1::uuid))
       and (exists (select 1 from ehr_resource where tenant = $tenant and person = $1::uuid)
         or exists (select 1 from referral where tenant = $tenant and person = $1::uuid))
     order by patient`,
    [id],
  );
  return { person: rows[0]?.person ?? id, patients: rows.map(({ patient }) => patient) };
}

async function holdings(tx: Tx, patients: readonly string[]) {
  const { rows: copies } = await tx.query<CopyElsewhere & { live: boolean }>(
    `select t.partner, d.channel, coalesce(d.remote_id, t.id::text) as task, t.requested_at as at,
        t.live
       from task t join task_delivery d on d.tenant = $tenant and d.task = t.id
      where t.tenant = $tenant and t.direction = 'out' and t.person = any($1::uuid[])
        and d.state <> 'abandoned' order by t.requested_at, t.id, d.number`,
    [patients],
  );
  const { rows: live } = await tx.query<{ n: number }>(
    'select count(*) as n from task where tenant = $tenant and live and person = any($1::uuid[])',
    [patients],
  );
  const { rows: written } = await tx.query<{ n: number }>(
    `select count(*) as n from write_back where tenant = $tenant and person = any($1::uuid[])
        and written_version is not null`,
    [patients],
  );
  return {
    liveTasks: live[0]?.n ?? 0,
    copies: copies
      .filter(({ channel }) => channel !== 'hub')
      .map(({ live: _live, ...copy }) => copy),
    inEhr: written[0]?.n ?? 0,
  };
}

/** Who erases somebody, and why. */
export type EraseWish = { person: string; by: string; reason: Erasure['reason'] };

/**
 * Erases one human being: all of their Patients, what was read, made, decided and said of them. A
 * person who was erased before stays so, and the first receipt is given. DECISIONS D176.
 *
 * @throws AppError NOT_FOUND, or CONFLICT where a legal demand or an open Task is in the way
 */
export async function erasePerson(tx: Tx, { person: id, by, reason }: EraseWish): Promise<Erasure> {
  const { patients: mine } = await patientsOf(tx, id);
  await lockCursors(tx, await ehrPatients(tx, mine));
  await lockErasing(tx);
  const view = await viewErasure(tx, id);
  const { person, patients } = view;
  if (view.openDemands > 0)
    throw new AppError('CONFLICT', 'A legal demand is open: nothing is erased until it is over', {
      facts: { person, demands: view.openDemands },
    });
  if (patients.length === 0 && view.receipt) return view.receipt;
  await lockWork(tx, patients);
  if (view.liveTasks > 0)
    throw new AppError('CONFLICT', 'A referral is open at a partner: take it back first', {
      facts: { person, tasks: view.liveTasks },
    });
  await keepAccount(tx, person);
  const gone = await deletePerson(tx, view);
  const stays = { rows: await countKept(tx, patients), copies: view.copies, inEhr: view.inEhr };
  return writeReceipt(tx, view, { by, reason, gone, stays });
}

/** Waits for workers that are at work for the person, and keeps others out. */
async function lockWork(tx: Tx, patients: readonly string[]): Promise<void> {
  await tx.query(
    `select 1 from ledger where tenant = $tenant and (person = any($1::uuid[])
        or subject = any($2::text[])) order by stage collate "C", subject collate "C" for update`,
    [patients, patients],
  );
  await tx.query(
    'select 1 from referral where tenant = $tenant and person = any($1::uuid[]) order by id for update',
    [patients],
  );
}

/** Keeps the account of disclosures before the Tasks go. */
async function keepAccount(tx: Tx, person: string): Promise<void> {
  let after: Awaited<ReturnType<typeof listDisclosures>>['next'];
  do {
    const page = await listDisclosures(tx, { person, limit: 500, after });
    await keepDisclosures(tx, page.items);
    after = page.next;
  } while (after);
}

async function deletePerson(tx: Tx, { person, patients }: ErasureView): Promise<RowCounts> {
  const named = await ehrPatients(tx, patients);
  const ids = await idsOfPerson(tx, { person, patients });
  await partEquityFacts(tx, patients);
  await emptyDemands(tx, patients);
  const counts = [await deleteEhrNames(tx, named), await deleteRowsWith(tx, ids)];
  // What somebody typed to find a person may be their name; a search is kept for half an hour.
  await tx.query('delete from person_search where tenant = $tenant');
  const gone: RowCounts = {};
  for (const count of counts)
    for (const [table, rows] of Object.entries(count)) gone[table] = (gone[table] ?? 0) + rows;
  return gone;
}

/** Counts the rows with ids of the person in the tables that stay. */
async function countKept(tx: Tx, patients: readonly string[]): Promise<RowCounts> {
  const counts: RowCounts = {};
  for (const table of Object.keys(keptTables)) {
    if (['erasure', 'erased_patient', 'legal_demand_yes', 'equity_fact'].includes(table)) continue;
    const { rows } = await tx.query<{ n: number }>(
      `select count(*) as n from ${table} where tenant = $tenant and person = any($1::uuid[])`,
      [patients],
    );
    if (rows[0]?.n) counts[table] = rows[0].n;
  }
  return counts;
}

type Outcome = Omit<EraseWish, 'person'> & Pick<Erasure, 'gone' | 'stays'>;

async function writeReceipt(
  tx: Tx,
  { person, patients, receipt }: ErasureView,
  { by, reason, gone, stays }: Outcome,
): Promise<Erasure> {
  await tx.query(
    `insert into erased_patient (tenant, patient, person)
     select $tenant, p, $2::uuid from unnest($1::uuid[]) p on conflict do nothing`,
    [patients, person],
  );
  const { rows } = await tx.query<Rows['erasure']>(
    `insert into erasure (tenant, id, person, principal, reason, gone, stays)
     values ($tenant, $1, $2, $3, $4, $5, $6)
     on conflict (tenant, person) do update set gone = excluded.gone returning *`,
    [
      ...[receipt?.id ?? newId(), person, by, reason],
      ...[JSON.stringify(gone), JSON.stringify(stays)],
    ],
  );
  const row = requireRow(rows, 'erasure');
  const line = { tenant: tx.tenant, stage: 'refer', subject: `erasure:${row.id}` };
  await appendHistory(tx, [
    { ...line, outcome: 'erased', trace: newId(), principal: by, facts: { reason } },
  ]);
  return receiptOf(row);
}
