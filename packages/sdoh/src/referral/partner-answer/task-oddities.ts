import { brokenRule, holdsModifier, parseWritten, type WrittenReference } from '@loopwell/fhir';
import { isObject } from '../../fhir-json/tolerant-readers.ts';
import { listOf, textsAmong } from './answer-words.ts';

/** What our Task is about, to tell it from another's. */
export type OwnTask = {
  person: string;
  serviceRequest: string | null;
  receiptKey: string;
  partner: string;
  identifierSystem: string;
};

export type Oddity =
  | 'not-a-task'
  | 'not-understood'
  | 'other-person'
  | 'other-order'
  | 'other-receipt'
  | 'other-owner';

/**
 * Oddities for which nothing is done on a Task: a person looks. A new owner is not among them; it
 * is told, and the Task goes on.
 */
export const stoppingOddities: readonly Oddity[] = [
  'not-a-task',
  'not-understood',
  'other-person',
  'other-order',
  'other-receipt',
];

/**
 * Lists why a Task that a partner shows is perhaps not ours, or not to be understood (R4 2.1.0.2:
 * what has a modifier extension or implicit rules that a reader does not know may mean something
 * else). An element that is left out is no reason.
 */
export function odditiesOf(body: unknown, ownTask: OwnTask): Oddity[] {
  if (!isObject(body) || brokenRule(body, ['other-type'], 'Task')) return ['not-a-task'];
  const { serviceRequest, identifierSystem } = ownTask;
  const identifiers = listOf(body.identifier).filter(isObject);
  const receipts = identifiers.filter(({ system }) => system === identifierSystem);
  const isOtherReceipt =
    receipts.length > 0 && !receipts.some((receipt) => receipt.value === ownTask.receiptKey);
  const isOtherOwner = writtenReferences(body.owner).some((owner) =>
    isOrganizationBeside(owner, ownTask.partner),
  );
  const oddities: Oddity[] = [];
  if (holdsModifier(body)) oddities.push('not-understood');
  if (pointsElsewhere(body.for, 'Patient', ownTask.person)) oddities.push('other-person');
  if (serviceRequest !== null && pointsElsewhere(body.focus, 'ServiceRequest', serviceRequest))
    oddities.push('other-order');
  if (isOtherReceipt) oddities.push('other-receipt');
  if (isOtherOwner) oddities.push('other-owner');
  return oddities;
}

/**
 * Tells whether a reference names another Organization than the partner. A partner's own people and
 * departments may take a Task over under ids that only they know.
 */
function isOrganizationBeside(written: string, partner: string): boolean {
  const parsed = parseWritten(written);
  return parsed?.type === 'Organization' && parsed.id !== partner;
}

/** Lists the texts of a reference, be it a Reference, text in its place, or a list of them. */
export function writtenReferences(reference: unknown): string[] {
  const texts = listOf(reference).flatMap((written) =>
    listOf(isObject(written) ? written.reference : written),
  );
  return textsAmong(texts);
}

const isTo = (parsed: WrittenReference | undefined, type: string, id: string) =>
  parsed?.type === type && parsed.id === id;

/**
 * Tells whether a reference names something else than this resource. Ids of ours are unique, so
 * that the server before them does not matter.
 */
export function pointsElsewhere(reference: unknown, type: string, id: string): boolean {
  return writtenReferences(reference).some(
    (one) => one !== `urn:uuid:${id}` && !isTo(parseWritten(one), type, id),
  );
}
