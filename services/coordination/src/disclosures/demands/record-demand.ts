import { bodyCheck, type Principal, RequestProblems } from '@loopwell/http';
import { contracts } from '@loopwell/openapi';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { demandState, isDay } from '@loopwell/sdoh';
import { type LegalDemand, legalDemands } from '@loopwell/store';
import { findSubject } from '../../find-subject.ts';
import { type ReviewDeps, todayOf } from '../../reviewer.ts';
import { requireVisible } from '../../shown-people.ts';

type Schemas = components['schemas'];

const demandSentence = 'This is no legal demand that can be recorded';
const demandCheck = bodyCheck<Schemas['NewLegalDemand']>(
  contracts.coordination,
  'NewLegalDemand',
  demandSentence,
);

const stepSentence = 'This is no step of a legal demand';
const stepCheck = bodyCheck<Schemas['LegalDemandStep']>(
  contracts.coordination,
  'LegalDemandStep',
  stepSentence,
);

const wrong = (field: string, rule: string) =>
  new RequestProblems(demandSentence, [{ path: `/body/${field}`, rule }], { facts: { field } });

/**
 * Writes down a legal demand about a person. Its person is not erased while it is open.
 *
 * @throws AppError NOT_FOUND, or REQUEST_INVALID naming the field
 */
export async function recordDemand(
  deps: ReviewDeps,
  principal: Principal,
  body: unknown,
): Promise<LegalDemand> {
  const demand = demandCheck(body);
  const { person: id, kind, demandedBy, askedFor, receivedOn } = demand;
  if (!isDay(receivedOn)) throw wrong('receivedOn', 'must be a day such as 2026-11-23');
  if (receivedOn > todayOf(deps)) throw wrong('receivedOn', 'must not be in the future');
  for (const field of ['demandedBy', 'askedFor'] as const)
    if (demand[field].trim() === '') throw wrong(field, 'must say something');
  return deps.tx(async (tx) => {
    const { person, patients } = await findSubject(tx, id);
    await requireVisible(tx, principal, patients, 'There is no such person');
    const [patient = person] = patients;
    const row = { demanded_by: demandedBy.trim(), asked_for: askedFor.trim() };
    const added = { ...row, person: patient, kind, received_on: receivedOn };
    return legalDemands.addDemand(tx, added, principal.id);
  });
}

/**
 * Records that a signed-in person agrees to the release of what is demanded, or to the end of the
 * demand. Each needs two different people. DECISIONS D176.
 */
export async function agreeToDemand(
  deps: ReviewDeps,
  principal: Principal,
  demand: string,
  body: unknown,
): Promise<LegalDemand> {
  const { step, note } = stepCheck(body);
  if (note.trim() === '')
    throw new RequestProblems(stepSentence, [{ path: '/body/note', rule: 'must say something' }], {
      facts: { field: 'note' },
    });
  const yes = { step, principal: principal.id, note: note.trim() };
  return deps.tx((tx) => legalDemands.agreeToStep(tx, demand, yes));
}

/** Writes a demand as the API gives it. */
export function demandAnswer(demand: LegalDemand): Schemas['LegalDemand'] {
  const { id, person, kind, yeses } = demand;
  return {
    ...{ id, person, kind },
    demandedBy: demand.demanded_by,
    askedFor: demand.asked_for,
    receivedOn: demand.received_on,
    recordedBy: demand.recorded_by,
    recordedAt: demand.recorded_at.toISOString(),
    ...demandState(yeses),
    agreed: yeses.map(({ step, principal, note, at }) => ({
      ...{ step, note, by: principal, at: at.toISOString() },
    })),
  };
}
