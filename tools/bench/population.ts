import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type fhir4, profiles, systems } from '@loopwell/fhir';
import { answersFor, asResponse } from '@loopwell/sandbox';

/**
 * What a page of the measured EHR is made of: one Encounter, its screening and its person, in equal
 * numbers.
 */
export type Population = {
  file: string;
  encounters: number;
  resources: number;
  referrals: number;
};

const instruments = ['ahc-hrsn', 'prapare', 'hunger-vital-sign'] as const;
const dayMs = 86_400_000;

/**
 * Writes an NDJSON file with one person for each Encounter; every second one needs food, agrees to
 * help and consents, so that a referral can go out. Nothing is random: the same count gives the
 * same bytes but for today's date.
 */
export async function writePopulation(file: string, encounters: number): Promise<Population> {
  const out = createWriteStream(file);
  const today = Date.now();
  let resources = 0;
  let referrals = 0;
  for (let index = 0; index < encounters; index += 1) {
    const needy = index % 2 === 0;
    const person = personOf(index, needy, today);
    resources += person.length;
    referrals += needy ? 1 : 0;
    if (!out.write(`${person.map((one) => JSON.stringify(one)).join('\n')}\n`))
      await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
  return { file, encounters, resources, referrals };
}

function personOf(index: number, needy: boolean, today: number): fhir4.Resource[] {
  const id = `person-${index}`;
  const start = new Date(today - (10 + (index % 300)) * dayMs);
  const instrument = instruments[index % instruments.length] ?? 'ahc-hrsn';
  const answers = answersFor(instrument, needy ? ['food-insecurity'] : []);
  const authored = new Date(start.getTime() + 600_000).toISOString();
  const visit = `${id}-visit`;
  const response = asResponse({
    id: `${id}-screening`,
    instrument,
    patient: id,
    encounter: visit,
    authored,
    answers,
  });
  return [
    patientOf(id, index),
    encounterOf(visit, id, start),
    response,
    ...(needy ? [goalOf(id, today), consentOf(id, today)] : []),
  ];
}

function patientOf(id: string, index: number): fhir4.Patient {
  return {
    resourceType: 'Patient',
    id,
    identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5', value: `MRN-${id}` }],
    name: [{ use: 'official', family: `Family${index % 997}`, given: [`Given${index % 101}`] }],
    gender: index % 2 === 0 ? 'female' : 'male',
    birthDate: `${1940 + (index % 60)}-0${1 + (index % 9)}-1${index % 9}`,
    telecom: [{ system: 'phone', value: `+1-555-01${String(index % 100).padStart(2, '0')}` }],
    address: [addressOf(index)],
  };
}

const addressOf = (index: number): fhir4.Address => ({
  line: [`${1 + (index % 999)} Made-up Street`],
  city: 'Elsewhere',
  state: 'MN',
  postalCode: '55000',
});

function encounterOf(id: string, patient: string, start: Date): fhir4.Encounter {
  return {
    resourceType: 'Encounter',
    id,
    status: 'finished',
    class: { system: systems.actCode, code: 'AMB' },
    type: [
      {
        coding: [{ system: systems.snomed, code: '185349003', display: 'Encounter for check up' }],
      },
    ],
    subject: { reference: `Patient/${patient}` },
    period: {
      start: start.toISOString(),
      end: new Date(start.getTime() + 1_800_000).toISOString(),
    },
  };
}

function goalOf(patient: string, today: number): fhir4.Goal {
  return {
    resourceType: 'Goal',
    id: `${patient}-goal`,
    meta: { profile: [profiles.goal] },
    lifecycleStatus: 'active',
    category: [{ coding: [{ system: systems.sdohcc, code: 'food-insecurity' }] }],
    description: { text: 'Wants help with this' },
    subject: { reference: `Patient/${patient}` },
    startDate: new Date(today - dayMs).toISOString().slice(0, 10),
  };
}

function consentOf(patient: string, today: number): fhir4.Consent {
  return {
    resourceType: 'Consent',
    id: `${patient}-consent`,
    meta: { profile: [profiles.consent] },
    status: 'active',
    scope: { coding: [{ system: systems.consentScope, code: 'patient-privacy' }] },
    category: [{ coding: [{ system: systems.actCode, code: 'IDSCL' }] }],
    patient: { reference: `Patient/${patient}` },
    dateTime: new Date(today - 20 * dayMs).toISOString(),
    organization: [{ reference: 'Organization/clinic' }],
    sourceAttachment: { title: 'Signed form' },
    policyRule: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/consentpolicycodes', code: 'hipaa-auth' },
      ],
    },
    provision: { type: 'permit' },
  };
}
