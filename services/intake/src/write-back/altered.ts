import type { fhir4 } from '@loopwell/fhir';
import { isWithin } from './write-back.ts';

type Open = fhir4.Resource & Record<string, unknown>;

/** Elements that say where it is, not what it says. DECISIONS D106. */
const apart: ReadonlySet<string> = new Set(['id', 'meta', 'text', 'language', 'implicitRules']);

/**
 * The elements of what was sent that the EHR does not have as they were sent: dropped, or changed.
 */
export function lostIn(sent: fhir4.Resource, resource: fhir4.Resource): string[] {
  const [wanted, shown] = [sent as Open, resource as Open];
  return Object.keys(wanted).filter((key) => !apart.has(key) && !isWithin(wanted[key], shown[key]));
}

/** Elements without which a resource says something else, or of somebody else. */
const weighty: Readonly<Record<string, readonly string[]>> = {
  Condition: ['verificationStatus', 'code', 'subject'],
  Observation: ['status', 'code', 'subject'],
  ServiceRequest: ['code', 'subject', 'intent'],
  Procedure: ['code', 'subject'],
};

/**
 * True where the EHR's version says what nobody said: a suggestion that stands confirmed, another
 * code, another person.
 */
export const saysOther = ({ resourceType }: fhir4.Resource, lost: readonly string[]): boolean =>
  lost.some(
    (element) =>
      weighty[resourceType]?.includes(element) ||
      (resourceType === 'Observation' && /^value[A-Z]/.test(element)),
  );

const conditionVerification = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

/** Marked as a mistake; undefined for a type that R4 gives no way to. */
export function takenBack(sent: fhir4.Resource): fhir4.Resource | undefined {
  if (sent.resourceType === 'Condition') {
    // con-5: no clinical status then.
    const { clinicalStatus: _status, ...rest } = sent as fhir4.Condition;
    return {
      ...rest,
      verificationStatus: { coding: [{ system: conditionVerification, code: 'entered-in-error' }] },
    } as fhir4.Resource;
  }
  if (!['Observation', 'ServiceRequest', 'Procedure'].includes(sent.resourceType)) return undefined;
  return { ...sent, status: 'entered-in-error' } as fhir4.Resource;
}

/** True where the EHR shows that it counts as a mistake. */
export function showsTakenBack(resource: fhir4.Resource): boolean {
  const { status, verificationStatus } = resource as {
    status?: unknown;
    verificationStatus?: fhir4.CodeableConcept;
  };
  if (resource.resourceType !== 'Condition') return status === 'entered-in-error';
  return isWithin([{ code: 'entered-in-error' }], verificationStatus?.coding);
}
