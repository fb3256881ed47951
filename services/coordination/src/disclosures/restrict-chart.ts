import { newId } from '@loopwell/kit';
import { contact, ledger, restrictedCharts, type Tx, work } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import type { Reviewer } from '../reviewer.ts';
import { requireVisible } from '../shown-people.ts';
import { teamMember } from '../work/record-work.ts';

/** A chart that was restricted: the human being, and who may open it beside leads. */
type Restricted = { person: string; owner: string };

/**
 * Restricts the chart of a person to whoever looks after them and to leads. Where a name is given,
 * the work is handed to that person first; where nobody looks after them, it is whoever asks.
 * DECISIONS D158.
 *
 * @throws AppError NOT_FOUND, or REQUEST_INVALID for an owner who is not of the care team
 */
export async function restrictTo(
  tx: Tx,
  reviewer: Reviewer,
  id: string,
  name?: string,
): Promise<Restricted> {
  const { person, patients } = await findSubject(tx, id);
  await requireVisible(tx, reviewer, patients, 'There is no such person');
  const patient = patients.includes(person) ? person : (patients[0] ?? person);
  const [latest] = await work.ownersOf(tx, patients);
  const before = latest?.owner ?? undefined;
  const owner =
    name === undefined
      ? (before ?? reviewer.id)
      : await teamMember(tx, reviewer, { field: 'owner', name });
  if (before !== undefined && before !== owner) {
    await contact.lockHumans(tx, patients);
    await work.handOver(tx, { person: patient, owner, note: null, by: reviewer.id });
    const line = { tenant: tx.tenant, stage: 'refer' as const, subject: patient, person: patient };
    await ledger.appendHistory(tx, [
      { ...line, outcome: 'handed-over', trace: newId(), principal: reviewer.id },
    ]);
  }
  await restrictedCharts.restrictChart(tx, reviewer, { person: patient, owner });
  return { person, owner };
}
