import type { fhir4 } from '@loopwell/fhir';
import { contactCare, contactForPartner, type PartnerReach } from '@loopwell/sdoh';
import { people, peopleWithSafetyAnswers, type Tx } from '@loopwell/store';

/**
 * Loads the number or e-mail address of a person that a partner may know, which they chose for
 * partners, and what to mind when it is used. A call may be heard by a person who hurts them, so
 * there is none for a person with an answer about safety, whichever of their records has it. A date
 * takes no number away. DECISIONS D185.
 */
export async function loadReach(tx: Tx, patient: string): Promise<PartnerReach | undefined> {
  const reach = (await people.reachOf(tx, [patient])).get(patient);
  const choice = reach?.recorded?.choice;
  const contact = reach && contactForPartner(choice, reach.standing);
  if (!contact || !choice) return undefined;
  const same = await people.patientsOfSamePerson(tx, patient);
  const patients = [patient, ...same.map((one) => one.patient)];
  const inDanger = await peopleWithSafetyAnswers(tx, patients);
  return inDanger.size === 0 ? { contact, care: contactCare(choice) } : undefined;
}

/** Loads the number or e-mail address of a person that a partner may know. */
export async function loadContact(
  tx: Tx,
  patient: string,
): Promise<fhir4.ContactPoint | undefined> {
  return (await loadReach(tx, patient))?.contact;
}
