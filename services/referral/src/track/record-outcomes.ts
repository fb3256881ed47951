import { deriveId } from '@loopwell/kit';
import { type Oddity, ownProcedure } from '@loopwell/sdoh';
import {
  directory,
  ownResources,
  saveQuarantine,
  type TaskRow,
  type Tx,
  tellEhr,
} from '@loopwell/store';
import type { Followed } from '../answers/followed-tasks.ts';
import { changedRows } from './late.ts';
import type { Outcome } from './outcome.ts';
import type { Look } from './track.ts';

type Looked = Followed & { look: Look };

/** Keeps the outcomes of completed Tasks, and lists what a person has to look at. */
export async function saveOutcomes(
  tx: Tx,
  looked: readonly Looked[],
  identifierSystem: string,
): Promise<void> {
  const done: Done[] = [];
  for (const { look, task, referral } of looked)
    if (look.outcome)
      done.push({
        task,
        referral,
        outcome: look.outcome,
      });
  if (done.length > 0) {
    const rows = await procedureRows(tx, done, identifierSystem);
    const versions = await ownResources.saveOwnResources(tx, rows);
    // The write-back rows are due already, or become so when the loop is closed.
    await tellEhr(
      tx,
      rows.map((row) => ({ ...row, madeId: row.id, version: versions.get(row.id) ?? 1 })),
    );
  }
  const looks = looked.map(({ look }) => look);
  await saveQuarantine(tx, [
    ...done.flatMap(listedRows),
    ...looks.flatMap(ownerRows),
    ...looks.flatMap(changedRows),
  ]);
}

/**
 * Derives our id of a partner's Procedure. If the Tasks of two people name one Procedure, each
 * person gets one.
 */
export const procedureIdOf = (
  { tenant, partner, address, person }: TaskRow,
  sourceId: string,
): string => deriveId(tenant, 'procedure', partner, address, sourceId, person);

type Done = Followed & { outcome: Outcome };

/** Makes rows of partners' Procedures as our own resources, with ids derived from their origin. */
async function procedureRows(tx: Tx, done: readonly Done[], identifierSystem: string) {
  const ids = done.map(({ task }) => task.partner);
  const names = await directory.partnerNames(tx, done[0]?.task.tenant ?? '', ids);
  return done.flatMap(({ task, referral, outcome }) =>
    outcome.procedures.map(({ sourceId, procedure }) => {
      const { tenant, person, partner: organization } = task;
      const id = procedureIdOf(task, sourceId);
      const partner = { id: organization, name: names.get(organization) ?? organization };
      const serviceRequest = referral.service_request;
      const ours = {
        id,
        person,
        serviceRequest,
        partner,
        identifierSystem,
      };
      return {
        id,
        tenant,
        connection: referral.connection,
        type: 'Procedure' as const,
        person,
        body: JSON.stringify(ownProcedure(procedure, ours)),
        referral: task.referral,
        trace: referral.trace,
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
    ...outcome.unread.map((unread) => ({ ...common, ...unread, code: 'outcome-unreadable' })),
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
function ownerRows({ task, row }: Look) {
  const isHandedOn = (JSON.parse(row.oddities) as Oddity[]).includes('other-owner');
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
