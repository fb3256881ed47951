import { type fhir4, systems } from '@loopwell/fhir';
import { deriveId, newId } from '@loopwell/kit';
import { type Database, ehrResources, ledger, ownResources, referrals } from '@loopwell/store';
import { tenant } from './every-door.ts';

/** Partners of the crawl: each may see the data of its own people only. */
export type PartnerName = 'pantry' | 'shelter';

/** Ada's open Task is at the pantry, Bo's at the shelter. Cy's at the pantry ended long ago. */
export type PersonName = 'ada' | 'bo' | 'cy';

export const people: readonly PersonName[] = ['ada', 'bo', 'cy'];
export const partnerOfPerson: Record<PersonName, PartnerName> = {
  ada: 'pantry',
  bo: 'shelter',
  cy: 'pantry',
};

export const connection = 'clinic';
export const category = 'food-insecurity';

/** Derives the id of something of a person. */
export const idOf = (name: string): string => deriveId('crawl', name);

/** Makes a word that stands nowhere but in the data of one person or partner. */
export const word = (name: string, kind: string): string => `Canary${kind}${name}`;

type Pulled = fhir4.Resource & { id: string };

/** Makes what the EHR has of a person, with a Consent for one partner alone. */
function recordOf(name: PersonName): Pulled[] {
  const partner = { reference: `Organization/${partnerOfPerson[name]}-organization` };
  const subject = { reference: `Patient/${name}` };
  return [
    {
      resourceType: 'Patient',
      id: name,
      name: [{ family: word(name, 'family'), given: [word(name, 'given')] }],
      telecom: [{ system: 'phone', value: word(name, 'phone') }],
      identifier: [{ system: 'mrn', value: word(name, 'mrn') }],
    } as fhir4.Patient & { id: string },
    {
      resourceType: 'ServiceRequest',
      id: `${name}-order`,
      status: 'active',
      intent: 'order',
      subject,
      category: [{ coding: [{ system: systems.sdohcc, code: category }] }],
      authoredOn: '2026-06-02',
    } as fhir4.ServiceRequest & { id: string },
    {
      resourceType: 'Consent',
      id: `${name}-consent`,
      status: 'active',
      scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
      category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
      patient: subject,
      dateTime: '2026-06-01',
      organization: [{ reference: 'Organization/clinic' }],
      policyRule: { text: 'Authorization to share' },
      provision: { actor: [{ role: { text: 'recipient' }, reference: partner }] },
    } as fhir4.Consent & { id: string },
  ];
}

/** Saves a person with a need that was approved, and makes its sending due. */
export async function needOf(db: Database, name: PersonName): Promise<void> {
  const person = idOf(name);
  const referral = idOf(`referral ${name}`);
  const condition = idOf(`condition ${name}`);
  const trace = idOf(`trace ${name}`);
  const subjects = { tenant, connection, person };
  await db.tx(async (tx) => {
    await ehrResources.saveEhrResources(
      tx,
      recordOf(name).map((resource) => ({
        ...subjects,
        type: resource.resourceType,
        sourceId: resource.id,
        versionId: '1',
        lastUpdated: null,
        body: JSON.stringify({ ...resource, meta: { versionId: '1' } }),
      })),
    );
    const body = JSON.stringify({
      resourceType: 'Condition',
      id: condition,
      code: { text: word(name, 'condition') },
      subject: { reference: `Patient/${person}` },
    });
    const type = 'Condition';
    await ownResources.saveOwnResources(tx, [{ ...subjects, id: condition, type, body }]);
    await referrals.saveNeeds(tx, [
      {
        ...{ ...subjects, id: referral, category, episode: 1, trace },
        ...{ unambiguous: true, sensitive: false, since: '2026-06-01T00:00:00Z' },
        conditions: JSON.stringify([condition]),
      },
    ]);
    const patch = { approval: 'approved' as const, approved_by: 'person:rea' };
    await referrals.patchReferrals(tx, [{ id: referral, patch }]);
    await ledger.due(tx, [
      { tenant, stage: 'refer', subject: referral, batch: newId(), trace, person },
    ]);
  });
}
