import { AppError } from '@loopwell/kit';
import type { Tx } from '../../database/database.ts';
import type { Secrets } from '../../database/secrets.ts';
import { giveCode } from './codes.ts';
import { type DoorEventKind, recordDoorEvent } from './door-events.ts';
import { addHelper, listHelpers, type NewHelper, removeHelper } from './helpers.ts';

/**
 * A change of the people of a partner: who makes it, and the form that asks for it. Staff have called
 * the partner before, and say which number and whom.
 */
export type PeopleChange = {
  partner: string;
  by: string;
  form: string;
  called?: string;
  spokeWith?: string;
};

/** A code as it is shown, once, to whoever gives it. */
export type NamedCode = { helper: string; name: string; code: string };

const sentBefore = () =>
  new AppError(
    'CONFLICT',
    'This form was sent before, and it was done then. A code is shown once: make a new one if ' +
      'nobody has written it down',
  );

/** Records a change. @throws AppError CONFLICT for a form that was sent before */
async function record(
  tx: Tx,
  change: PeopleChange,
  event: { kind: DoorEventKind; helper?: string },
): Promise<void> {
  if (!(await recordDoorEvent(tx, { ...change, ...event }))) throw sentBefore();
}

/** Adds a helper with a code. @throws AppError CONFLICT for a form that was sent before */
export async function addWithCode(
  tx: Tx,
  secrets: Secrets,
  change: PeopleChange & Pick<NewHelper, 'name' | 'role' | 'second'>,
): Promise<NamedCode> {
  const { name, role, second, ...rest } = change;
  const { partner, by } = rest;
  const helper = await addHelper(tx, { partner, name, role, second, addedBy: by });
  await record(tx, rest, { kind: 'helper-added', helper });
  const { code } = await giveCode(tx, secrets, { partner, helper });
  return { helper, name, code };
}

/** Gives a helper another code. @throws AppError CONFLICT for a form that was sent before */
export async function changeCode(
  tx: Tx,
  secrets: Secrets,
  change: PeopleChange & { helper: string },
): Promise<NamedCode> {
  const { helper, ...rest } = change;
  const named = await requireHelper(tx, change);
  await record(tx, rest, { kind: 'code-changed', helper });
  const { code } = await giveCode(tx, secrets, { partner: rest.partner, helper });
  return {
    helper,
    name: named.name,
    code,
  };
}

/**
 * Removes a helper; the codes of the others stay.
 * @throws AppError CONFLICT for a form that was sent before
 */
export async function removeOne(
  tx: Tx,
  change: PeopleChange & { helper: string },
): Promise<{ name: string }> {
  const { helper, ...rest } = change;
  const { name } = await requireHelper(tx, change);
  await record(tx, rest, { kind: 'helper-removed', helper });
  await removeHelper(tx, { partner: rest.partner, helper, by: rest.by });
  return { name };
}

/**
 * Removes whoever has left, and changes the codes of all others, since codes are told to colleagues.
 * @throws AppError CONFLICT for a form that was sent before
 */
export async function someoneLeft(
  tx: Tx,
  secrets: Secrets,
  change: PeopleChange & { helper: string },
): Promise<NamedCode[]> {
  const { helper, ...rest } = change;
  const { partner, by } = rest;
  await requireHelper(tx, change);
  await record(tx, rest, { kind: 'codes-changed', helper });
  await removeHelper(tx, { partner, helper, by });
  const codes: NamedCode[] = [];
  for (const { id, name } of await listHelpers(tx, partner)) {
    const { code } = await giveCode(tx, secrets, { partner, helper: id });
    codes.push({
      helper: id,
      name,
      code,
    });
  }
  return codes;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function requireHelper(tx: Tx, { partner, helper }: { partner: string; helper: string }) {
  const people = uuid.test(helper) ? await listHelpers(tx, partner) : [];
  const person = people.find(({ id }) => id === helper);
  if (!person) throw new AppError('NOT_FOUND', 'This partner has no such helper');
  return person;
}
