import { mapDefined } from '@loopwell/fhir';
import { deriveId } from '@loopwell/kit';
import { ownProcedure } from '@loopwell/sdoh';
import {
  directory,
  ownResources,
  referrals,
  saveQuarantine,
  type Tx,
  tellEhr,
} from '@loopwell/store';
import { changedRows } from './late.ts';
import type { Outcome } from './outcome.ts';
import type { Result } from './polled-task.ts';

/** Keeps what completed Tasks led to, and lists what a person has to look at. */
export async function saveOutcomes(tx: Tx, results: readonly Result[]): Promise<void> {
  const done = mapDefined(results, ({ outcome, ...completed }) =>
    outcome ? { ...completed, outcome } : undefined,
  );
  if (done.length > 0) {
    const rows = await procedureRows(tx, done);
    const versions = await ownResources.saveOwnResources(tx, rows);
    // Its rows of write-back are due already, or become so when the loop is closed.
    await tellEhr(
      tx,
      rows.map((row) => ({ ...row, madeId: row.id, version: versions.get(row.id) ?? 1 })),
    );
  }
  await saveQuarantine(tx, [
    ...done.flatMap(listedRows),
    ...results.flatMap(ownerRows),
    ...results.flatMap(changedRows),
  ]);
}

type Done = Omit<Result, 'outcome'> & { outcome: Outcome };

/** A partner's Procedures as ours, under ids derived from where they came from. */
async function procedureRows(tx: Tx, done: readonly Done[]) {
  const loaded = await referrals.loadReferrals(
    tx,
    done.map((one) => one.task.referral),
  );
  const ids = done.map((one) => one.task.partner);
  const names = await directory.partnerNames(tx, done[0]?.task.tenant ?? '', ids);
  return done.flatMap(({ row, task, outcome, serviceRequest, identifierSystem }) =>
    outcome.procedures.map(({ sourceId, procedure }) => {
      // Two people whose Tasks name one Procedure have one each.
      const id = deriveId(
        task.tenant,
        'procedure',
        task.partner,
        task.address,
        sourceId,
        task.person,
      );
      const partner = { id: task.partner, name: names.get(task.partner) ?? task.partner };
      return {
        id,
        tenant: task.tenant,
        connection: loaded.get(task.referral)?.connection ?? '',
        type: 'Procedure' as const,
        person: task.person,
        body: JSON.stringify(
          ownProcedure(procedure, {
            id,
            person: task.person,
            serviceRequest,
            partner,
            identifierSystem,
          }),
        ),
        referral: task.referral,
        trace: row.trace,
      };
    }),
  );
}

/**
 * An outcome that the partner named and would not show, or that is no help, is listed for a person.
 */
function listedRows({ task, outcome }: Done) {
  const common = {
    tenant: task.tenant,
    connection: `partner:${task.partner}`,
    person: task.person,
    body: null,
  };
  return [
    ...outcome.unread.map((one) => ({ ...common, ...one, code: 'outcome-unreadable' })),
    ...outcome.doubts.map(({ type, sourceId, why }) => ({
      ...common,
      type,
      sourceId,
      code: 'outcome-is-no-help',
      facts: JSON.stringify({ why }),
    })),
  ];
}

/**
 * A partner that hands a Task on to another Organization: the Task goes on, and a person knows of
 * it.
 */
function ownerRows({ task, answer, report }: Result) {
  const isHandedOn =
    answer !== undefined && report.kind === 'there' && report.statement?.handedOn === true;
  if (!isHandedOn) return [];
  const { tenant, partner, person, id } = task;
  return [
    {
      tenant,
      connection: `partner:${partner}`,
      type: 'Task',
      sourceId: id,
      person,
      code: 'owner-changed',
      body: null,
    },
  ];
}
