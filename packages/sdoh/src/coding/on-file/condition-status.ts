import type { fhir4 } from '@loopwell/fhir';
import { startOf } from '../../fhir-json/dates.ts';
import { statusesNamed, textsIn } from '../../fhir-json/status-words.ts';
import { objectsOf } from '../../fhir-json/tolerant-readers.ts';
import type { PersonRecord } from '../../model.ts';

/** A concept without a code, a display and a text. */
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
export const isRefuted = (one: fhir4.Condition) => verified(one).has('refuted');
export const isInError = (one: fhir4.Condition) =>
  verified(one).has('entered-in-error') ||
  statusesNamed(one.clinicalStatus, ['entered-in-error']).size > 0;
export const isUnconfirmed = (one: fhir4.Condition) => verified(one).has('unconfirmed');
const isConfirmed = (one: fhir4.Condition) =>
  verified(one).size === 1 && verified(one).has('confirmed');

/** @param name as a need names its Conditions: `Condition/<id>` of the EHR, or an id of ours */
export function isConfirmedOnFile(record: PersonRecord, name: string): boolean {
  const id = name.startsWith('Condition/') ? name.slice('Condition/'.length) : undefined;
  const known =
    id === undefined ? undefined : objectsOf(record.conditions).find((one) => one.id === id);
  return known !== undefined && isConfirmed(known) && isActive(known);
}

const present = ['active', 'recurrence', 'relapse'] as const;
const over = ['inactive', 'remission', 'resolved'] as const;

const isPresent = (one: fhir4.Condition) => statusesNamed(one.clinicalStatus, present).size > 0;
const isOver = (one: fhir4.Condition) => statusesNamed(one.clinicalStatus, over).size > 0;

/** Codings of other systems beside the status say nothing; without a status at all it stands, unless it has an end. */
export const isActive = (one: fhir4.Condition): boolean =>
  !isInError(one) && !isEnded(one) && !isUnread(one);

/** By its status; where it has none, by its end (`abatement[x]`). */
export const isEnded = (one: fhir4.Condition): boolean =>
  !isInError(one) &&
  !isPresent(one) &&
  (isOver(one) || (saysNothing(one.clinicalStatus) && hasEnd(one)));

/**
 * Nobody can tell whether it stands: a status in no writing that is known, two that say the opposite, or active with an end
 * (R4, con-4). Nothing is added to it, and nothing made beside it.
 */
export function isUnread(one: fhir4.Condition): boolean {
  const isOdd = isPresent(one)
    ? isOver(one) || hasEnd(one)
    : !saysNothing(one.clinicalStatus) && !isOver(one);
  const isUnverified = !saysNothing(one.verificationStatus) && verified(one).size === 0;
  const isDenied = isRefuted(one) || isInError(one);
  return (
    (isDenied && verified(one).has('confirmed')) || (!isInError(one) && (isOdd || isUnverified))
  );
}

const hasEnd = (one: fhir4.Condition): boolean =>
  Object.entries(one).some(
    ([key, value]) =>
      /^abatement[A-Z]/.test(key) && value !== undefined && value !== null && value !== false,
  );
export const abatedOn = (one: fhir4.Condition) =>
  startOf(one.abatementDateTime ?? one.abatementPeriod?.end);
