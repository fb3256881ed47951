import { type fhir4, localId } from '@loopwell/fhir';
import { RequestProblems } from '@loopwell/http';
import { deriveId, newId } from '@loopwell/kit';
import { contentProblems, formProblems, type PostedProblem } from '@loopwell/sdoh';
import {
  type Basis,
  ownResources,
  partnerProcedures,
  type Reader,
  referrals,
  type Tx,
} from '@loopwell/store';
import type { ReferralSettings } from '../settings.ts';
import { type IfNoneExist, readIfNoneExist } from './if-none-exist.ts';
import { readForPartner, showPosted } from './read.ts';
import type { Shown } from './show-resource.ts';

/** A Procedure as a partner posts it, with its header `If-None-Exist`. */
export type Post = { body: unknown; ifNoneExist: string | undefined };

/** The Procedure as it is now, and whether the post added it. */
export type Posted = { shown: Shown; isNew: boolean };

/**
 * Keeps a Procedure that a partner posts, whole, and grants it to that partner. It may only be
 * about a person and orders that live Tasks of the partner reach. DECISIONS D133.
 *
 * @throws RequestProblems naming each element and the rule that it breaks
 */
export async function postProcedure(
  tx: Tx,
  reader: Reader,
  { body, ifNoneExist }: Post,
  settings: ReferralSettings,
): Promise<Posted> {
  refuse('The body is no FHIR R4 Procedure', formProblems(body), 400);
  const procedure = body as fhir4.Procedure;
  const sought = readIfNoneExist(ifNoneExist);
  const before = sought && (await findPosted(tx, reader, sought, settings));
  if (before) return before;
  const problems = contentProblems({ ...procedure });
  const basis = await findBasis(tx, reader, procedure, settings);
  problems.push(...basis.problems);
  refuse('The Procedure cannot be taken as it is', problems, 422);
  const id = await keep(tx, procedure, basis.orders, sought);
  // Another post of the same identifier was faster.
  if (id === undefined && sought) {
    const faster = await findPosted(tx, reader, sought, settings);
    if (faster) return faster;
  }
  const addedId = id ?? (await keep(tx, procedure, basis.orders, undefined)) ?? '';
  return { shown: await showPosted(tx, reader, addedId, settings), isNew: true };
}

function refuse(message: string, problems: readonly PostedProblem[], status: number): void {
  if (problems.length > 0) throw new RequestProblems(message, problems, { status });
}

/** Derives the id that a partner's Procedure has by an identifier. */
const derivedId = (tenant: string, partner: string, { system, number }: IfNoneExist) =>
  deriveId(tenant, 'posted-procedure', partner, system, number);

/** Finds the Procedure of this reader that has an identifier already. */
async function findPosted(
  tx: Tx,
  reader: Reader,
  sought: IfNoneExist,
  settings: ReferralSettings,
): Promise<Posted | undefined> {
  const ids = reader.partners.map((partner) => derivedId(tx.tenant, partner, sought));
  const [id, another] = await partnerProcedures.proceduresWithIdentifier(tx, reader, {
    ...sought,
    ids,
  });
  if (another !== undefined) {
    const problem = { path: '/headers/if-none-exist', rule: 'at-most-one-match' };
    const message = 'Several Procedures of yours have this identifier';
    throw new RequestProblems(message, [problem], { status: 412 });
  }
  if (id === undefined) return undefined;
  return { shown: await readForPartner(tx, reader, 'Procedure', id, settings), isNew: false };
}

type FoundBasis = { orders: Basis[]; problems: PostedProblem[] };

/**
 * Finds the grants of the orders that a Procedure names. What is not granted is refused in the same
 * words as what does not exist.
 */
async function findBasis(
  tx: Tx,
  reader: Reader,
  procedure: fhir4.Procedure,
  { publicBase }: ReferralSettings,
): Promise<FoundBasis> {
  const subject = localId(textOf(procedure.subject), 'Patient', publicBase);
  const orderIds = (procedure.basedOn ?? []).map((reference) =>
    localId(textOf(reference), 'ServiceRequest', publicBase),
  );
  const named = [{ type: 'Patient', id: subject ?? '' }];
  for (const id of orderIds) named.push({ type: 'ServiceRequest', id: id ?? '' });
  const bases = await partnerProcedures.lockBases(tx, reader, named);
  const people = bases.filter((basis) => basis.type === 'Patient');
  const orders = bases.filter((basis) => basis.type === 'ServiceRequest');
  const problems: PostedProblem[] = [];
  if (!reachesAll(orders, orderIds)) problems.push(notReached('Procedure.basedOn'));
  const ofPerson = orders.filter((order) => people.some((person) => isOfTask(person, order)));
  const ofPartner = ofPerson.filter((order) => order.partner === ofPerson[0]?.partner);
  const isTogether = problems.length > 0 || reachesAll(ofPartner, orderIds);
  if (people.length === 0 || !isTogether) problems.push(notReached('Procedure.subject'));
  return { orders: ofPartner, problems };
}

/** Gives the text of a reference, in whatever shape a caller has written it. */
function textOf(reference: fhir4.Reference | undefined): string | undefined {
  const text: unknown = reference?.reference;
  return typeof text === 'string' ? text : undefined;
}

const reachesAll = (orders: readonly Basis[], ids: readonly (string | undefined)[]) =>
  ids.length > 0 && ids.every((id) => orders.some((order) => order.id === id));

const isOfTask = (person: Basis, order: Basis) =>
  person.task === order.task && person.partner === order.partner;

const notReached = (path: string): PostedProblem => ({
  path,
  rule: 'names-what-a-live-task-of-yours-reaches',
});

/**
 * Keeps a Procedure with a grant for each of its Tasks.
 *
 * @returns its id; undefined if the id that is derived from its identifier is taken
 */
async function keep(
  tx: Tx,
  procedure: fhir4.Procedure,
  orders: readonly Basis[],
  sought: IfNoneExist | undefined,
): Promise<string | undefined> {
  const [order] = orders;
  if (!order) return undefined;
  const { tenant, partner, person } = order;
  const referral = (await referrals.loadReferrals(tx, [order.referral])).get(order.referral);
  if (!referral) return undefined;
  const id = sought ? derivedId(tenant, partner, sought) : newId();
  const performer = procedure.performer ?? [{ actor: { reference: `Organization/${partner}` } }];
  const body = JSON.stringify({ ...procedure, id, performer });
  const { connection, trace } = referral;
  const row = { id, tenant, connection, type: 'Procedure', person, body, trace };
  if (!(await ownResources.addOwnResource(tx, row))) return undefined;
  await partnerProcedures.grantPosted(tx, orders, { type: 'Procedure', id });
  return id;
}
