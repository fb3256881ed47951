import type { fhir4 } from '@loopwell/fhir';
import { isWithin } from './write-back.ts';

type Open = fhir4.Resource & Record<string, unknown>;

/** Elements that describe the copy and not its content. DECISIONS D106. */
const apart: ReadonlySet<string> = new Set(['id', 'meta', 'text', 'language', 'implicitRules']);

/** Lists the elements that the EHR dropped or changed in a sent resource. */
export function lostIn(sent: fhir4.Resource, resource: fhir4.Resource): string[] {
  const [wanted, shown] = [sent as Open, resource as Open];
  return Object.keys(wanted).filter((key) => !apart.has(key) && !isWithin(wanted[key], shown[key]));
}

/** Elements that change what a resource says, or about whom, when they are missing or different. */
const weighty: Readonly<Record<string, readonly string[]>> = {
  Condition: ['verificationStatus', 'code', 'subject'],
  Observation: ['status', 'code', 'subject'],
  ServiceRequest: ['code', 'subject', 'intent'],
  Procedure: ['code', 'subject'],
};

/**
 * Returns whether the EHR's version says something different from what was sent: a confirmed
 * instead of a suggested Condition, another code, another person.
 */
export const saysOther = ({ resourceType }: fhir4.Resource, lost: readonly string[]): boolean =>
  lost.some(
    (element) =>
      weighty[resourceType]?.includes(element) ||
      (resourceType === 'Observation' && /^value[A-Z]/.test(element)),
  );

const conditionVerification = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

/**
 * Returns the resource marked as entered in error; undefined for a type that has no such status in
 * R4.
 */
export function takenBack(sent: fhir4.Resource): fhir4.Resource | undefined {
  if (sent.resourceType === 'Condition') {
    // con-5 forbids a clinical status on it.
    const { clinicalStatus: _status, ...rest } = sent as fhir4.Condition;
    return {
      ...rest,
      verificationStatus: { coding: [{ system: conditionVerification, code: 'entered-in-error' }] },
    } as fhir4.Resource;
  }
  if (!['Observation', 'ServiceRequest', 'Procedure'].includes(sent.resourceType)) return undefined;
  return { ...sent, status: 'entered-in-error' } as fhir4.Resource;
}

/** Returns whether the EHR shows the resource as entered in error. */
export function showsTakenBack(resource: fhir4.Resource): boolean {
  const { status, verificationStatus } = resource as {
    status?: unknown;
    verificationStatus?: fhir4.CodeableConcept;
  };
  if (resource.resourceType !== 'Condition') return status === 'entered-in-error';
  return isWithin([{ code: 'entered-in-error' }], verificationStatus?.coding);
}
