import type { fhir4 } from '@loopwell/fhir';
import { startOf } from '../../fhir-json/dates.ts';
import { statusesNamed, textsIn } from '../../fhir-json/status-words.ts';
import { objectsOf } from '../../fhir-json/tolerant-readers.ts';
import type { PersonRecord } from '../../model.ts';

/** Tells whether a concept has no code, no display and no text. */
export const saysNothing = (concept: unknown): boolean => textsIn(concept).length === 0;

const verifications = [
  'refuted',
  'entered-in-error',
  'unconfirmed',
  'provisional',
  'differential',
  'confirmed',
] as const;
const verified = (one: fhir4.Condition) => statusesNamed(one.verificationStatus, verifications);
/** Tells whether a Condition was refuted. */
export const isRefuted = (one: fhir4.Condition) => verified(one).has('refuted');
/** Tells whether a Condition was entered in error, by either of its statuses. */
export const isInError = (condition: fhir4.Condition) =>
  verified(condition).has('entered-in-error') ||
  statusesNamed(condition.clinicalStatus, ['entered-in-error']).size > 0;
/** Tells whether a Condition is unconfirmed. */
export const isUnconfirmed = (one: fhir4.Condition) => verified(one).has('unconfirmed');
const isConfirmed = (condition: fhir4.Condition) =>
  verified(condition).size === 1 && verified(condition).has('confirmed');

/**
 * Tells whether a Condition of the EHR is confirmed and active; false for one of ours.
 *
 * @param name as a need names its Conditions: `Condition/<id>` of the EHR, or an id of ours
 */
export function isConfirmedOnFile(record: PersonRecord, name: string): boolean {
  const id = name.startsWith('Condition/') ? name.slice('Condition/'.length) : undefined;
  const condition =
    id === undefined ? undefined : objectsOf(record.conditions).find((one) => one.id === id);
  return condition !== undefined && isConfirmed(condition) && isActive(condition);
}

const present = ['active', 'recurrence', 'relapse'] as const;
const over = ['inactive', 'remission', 'resolved'] as const;

const isPresent = (one: fhir4.Condition) => statusesNamed(one.clinicalStatus, present).size > 0;
const isOver = (one: fhir4.Condition) => statusesNamed(one.clinicalStatus, over).size > 0;

/**
 * Tells whether a Condition is active: not in error, not ended and with readable statuses. Codings
 * of other systems beside the status do not count. A Condition without a status is active unless it
 * has an end.
 */
export const isActive = (condition: fhir4.Condition): boolean =>
  !isInError(condition) && !isEnded(condition) && !isUnread(condition);

/** Tells whether a Condition has ended: by its status, or without one by `abatement[x]`. */
export const isEnded = (condition: fhir4.Condition): boolean =>
  !isInError(condition) &&
  !isPresent(condition) &&
  (isOver(condition) || (saysNothing(condition.clinicalStatus) && hasEnd(condition)));

/**
 * Tells whether the statuses of a Condition cannot be read: an unknown word, two opposite statuses,
 * or active with an end (R4, con-4). Such a Condition gets no evidence, and none is made beside it.
 */
export function isUnread(condition: fhir4.Condition): boolean {
  const isOdd = isPresent(condition)
    ? isOver(condition) || hasEnd(condition)
    : !saysNothing(condition.clinicalStatus) && !isOver(condition);
  const isUnverified = !saysNothing(condition.verificationStatus) && verified(condition).size === 0;
  const isDenied = isRefuted(condition) || isInError(condition);
  return (
    (isDenied && verified(condition).has('confirmed')) ||
    (!isInError(condition) && (isOdd || isUnverified))
  );
}

const hasEnd = (condition: fhir4.Condition): boolean =>
  Object.entries(condition).some(
    ([key, member]) =>
      /^abatement[A-Z]/.test(key) && member !== undefined && member !== null && member !== false,
  );
/** Returns the time at which a Condition abated, in milliseconds; undefined where it has none. */
export const abatedOn = (condition: fhir4.Condition) =>
  startOf(condition.abatementDateTime ?? condition.abatementPeriod?.end);
