import { AppError, newId } from '@loopwell/kit';
import { type DemandStep, demandState } from '@loopwell/sdoh';
import { requireRow, type Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';
import { patientsOfHuman } from '../patients-of-human.ts';

/** A legal demand as it was written down. */
export type NewDemand = Pick<
  Rows['legal_demand'],
  'person' | 'kind' | 'demanded_by' | 'asked_for' | 'received_on'
>;

/** Somebody's yes to a step of a demand. */
export type DemandYes = Pick<Rows['legal_demand_yes'], 'step' | 'principal' | 'note' | 'at'>;

/** A legal demand with everybody who has agreed to a step of it. */
export type LegalDemand = Rows['legal_demand'] & { yeses: readonly DemandYes[] };

/** Writes down a legal demand. From then on its person is not erased. DECISIONS D176. */
export async function addDemand(tx: Tx, demand: NewDemand, by: string): Promise<LegalDemand> {
  const { person, kind, demanded_by: from, asked_for: what, received_on: day } = demand;
  const { rows } = await tx.query<Rows['legal_demand']>(
    `insert into legal_demand (tenant, id, person, kind, demanded_by, asked_for, received_on,
       recorded_by)
     values ($tenant, $1, $2, $3, $4, $5, $6, $7) returning *`,
    [newId(), person, kind, from, what, day, by],
  );
  return { ...requireRow(rows, 'demand'), yeses: [] };
}

/** Lists legal demands, the latest first: of everybody, or of one human being. */
export async function listDemands(
  tx: Tx,
  { person, limit }: { person?: string | undefined; limit: number },
): Promise<LegalDemand[]> {
  const { rows } = await tx.query<Rows['legal_demand']>(
    `select d.* from legal_demand d where d.tenant = $tenant
        and ($1::uuid is null or d.person = any(${patientsOfHuman('$1')}))
      order by d.recorded_at desc, d.id limit $2`,
    [person ?? null, limit],
  );
  return withYeses(tx, rows);
}

async function withYeses(tx: Tx, rows: readonly Rows['legal_demand'][]): Promise<LegalDemand[]> {
  const { rows: yeses } = await tx.query<DemandYes & { demand: string }>(
    `select demand, step, principal, note, at from legal_demand_yes
      where tenant = $tenant and demand = any($1::uuid[]) order by at, principal`,
    [rows.map(({ id }) => id)],
  );
  const byDemand = Map.groupBy(yeses, ({ demand }) => demand);
  return rows.map((row) => ({ ...row, yeses: byDemand.get(row.id) ?? [] }));
}

/**
 * Records that somebody agrees to a step of a demand. The step is taken once two different people
 * have agreed to it.
 *
 * @throws AppError NOT_FOUND, or CONFLICT where the demand is over or the same person agreed before
 */
export async function agreeToStep(
  tx: Tx,
  demand: string,
  yes: { step: DemandStep; principal: string; note: string },
): Promise<LegalDemand> {
  const { rows: locked } = await tx.query<Rows['legal_demand']>(
    'select * from legal_demand where tenant = $tenant and id = $1 for update',
    [demand],
  );
  const [before] = await withYeses(tx, locked);
  if (!before) throw new AppError('NOT_FOUND', 'There is no such legal demand');
  const state = demandState(before.yeses);
  if (state.isOver || (yes.step === 'release' && state.isReleased))
    throw new AppError('CONFLICT', 'Two people have agreed to this already', {
      facts: { step: yes.step },
    });
  const isSame = before.yeses.some(
    ({ step, principal }) => step === yes.step && principal === yes.principal,
  );
  if (isSame)
    throw new AppError('CONFLICT', 'You have agreed to this already: a second person has to', {
      facts: { step: yes.step },
    });
  await tx.query(
    `insert into legal_demand_yes (tenant, demand, step, principal, note)
     values ($tenant, $1, $2, $3, $4)`,
    [demand, yes.step, yes.principal, yes.note],
  );
  const [after] = await withYeses(tx, locked);
  return requireRow(after ? [after] : [], 'demand');
}

/** Counts the demands of some Patients that are not over: each of them stops an erasure. */
export async function openDemands(tx: Tx, patients: readonly string[]): Promise<number> {
  const { rows } = await tx.query<Rows['legal_demand']>(
    'select * from legal_demand where tenant = $tenant and person = any($1::uuid[]) for update',
    [patients],
  );
  const demands = await withYeses(tx, rows);
  return demands.filter(({ yeses }) => !demandState(yeses).isOver).length;
}

/** Empties the words of the demands of a person who is erased. */
export async function emptyDemands(tx: Tx, patients: readonly string[]): Promise<void> {
  await tx.query(
    `update legal_demand_yes y set note = null from legal_demand d where y.tenant = $tenant
        and d.tenant = $tenant and d.id = y.demand and d.person = any($1::uuid[])`,
    [patients],
  );
  await tx.query(
    `update legal_demand set demanded_by = '', asked_for = ''
      where tenant = $tenant and person = any($1::uuid[])`,
    [patients],
  );
}
