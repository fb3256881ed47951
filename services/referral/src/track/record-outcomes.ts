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

/** Keeps the outcomes of completed Tasks, and lists what a person has to look at. */
export async function saveOutcomes(tx: Tx, results: readonly Result[]): Promise<void> {
  const done = mapDefined(results, ({ outcome, ...completed }) =>
    outcome ? { ...completed, outcome } : undefined,
  );
  if (done.length > 0) {
    const rows = await procedureRows(tx, done);
    const versions = await ownResources.saveOwnResources(tx, rows);
    // The write-back rows are due already, or become so when the loop is closed.
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

/** Makes rows of partners' Procedures as our own resources, with ids derived from their origin. */
async function procedureRows(tx: Tx, done: readonly Done[]) {
  const loaded = await referrals.loadReferrals(
    tx,
    done.map((one) => one.task.referral),
  );
  const ids = done.map((one) => one.task.partner);
  const names = await directory.partnerNames(tx, done[0]?.task.tenant ?? '', ids);
  return done.flatMap(({ row, task, outcome, serviceRequest, identifierSystem }) =>
    outcome.procedures.map(({ sourceId, procedure }) => {
      // If the Tasks of two people name one Procedure, each person gets one.
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
 * Lists outcomes for a person: those that the partner named and did not show, and those that are no
 * help.
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
 * Lists a Task that its partner has handed on to another Organization, so that a person knows. The
 * Task goes on.
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
