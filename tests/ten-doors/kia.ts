import { Writable } from 'node:stream';
import type { fhir4 } from '@loopwell/fhir';
import { createLog, type Log } from '@loopwell/kit';
import { answersFor, asResponse, type Sandbox } from '@loopwell/sandbox';

/**
 * Kia is not safe at home, and said so on a form. Pao, her partner, reads her phone, shares her
 * number and address, is her emergency contact and a patient himself, works at the clinic, and
 * volunteers at the pantry.
 */

const day = 86_400_000;
const at = (ms: number): string => new Date(Date.now() + ms).toISOString();

const phone = { system: 'phone' as const, value: '612-555-0142', rank: 1 };
const address = { line: ['12 Elm St'], city: 'Saint Paul', state: 'MN', postalCode: '55106' };

const patientOf = (
  id: string,
  given: string,
  family: string,
  more: object = {},
): fhir4.Patient => ({
  resourceType: 'Patient',
  id,
  name: [{ family, given: [given] }],
  birthDate: '1985-09-21',
  telecom: [phone],
  address: [address],
  identifier: [{ system: 'urn:clinic:mrn', value: id === 'kia' ? '7014-2' : '7014-3' }],
  ...more,
});

const kia = patientOf('kia', 'Kia', 'Moua', {
  contact: [
    {
      relationship: [{ text: 'Partner' }],
      name: { text: 'Pao Vang' },
      telecom: [phone],
      address,
    },
  ],
});

const consent: fhir4.Consent = {
  ...{ resourceType: 'Consent', id: 'kia-consent', status: 'active' },
  scope: {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
    ],
  },
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'IDSCL' }] },
  ],
  patient: { reference: 'Patient/kia' },
  dateTime: at(-2 * day),
  organization: [{ reference: 'Organization/clinic' }],
  policyRule: { text: 'Authorization to share' },
  provision: { type: 'permit', period: { end: at(200 * day) } },
};

/** Brings Pao into the EHR, and somebody who answers nothing: the first load. */
export async function bringPao(ehr: Sandbox): Promise<void> {
  await ehr.load('clinic', [patientOf('pao', 'Pao', 'Vang')] as never[]);
}

/** Brings Kia into the EHR: she needs food and says on the same form that she is hurt. */
export async function bringKia(ehr: Sandbox, hasConsent = true): Promise<void> {
  const form = asResponse({
    ...{ id: 'kia-form', instrument: 'ahc-hrsn', patient: 'kia' },
    ...{ encounter: 'kia-visit', authored: at(-day / 24) },
    answers: answersFor('ahc-hrsn', ['food-insecurity'], true),
  });
  const papers = hasConsent ? [consent] : [];
  await ehr.load('clinic', [kia, form, ...papers] as never[]);
}

/**
 * What tells of the answer: words of the question and of the answer as we and the form write them,
 * their codes, and names of needs that say it all.
 */
const traces: readonly RegExp[] = [
  /physically hurt|hurt you|hurt or threat|may be hurt/i,
  /insulted|screamed|threatened with/i,
  /fairly often|LA10082-8/i,
  /9561[45678]-\d/,
  /violence|abuse|not safe at home|unsafe at home/i,
];

/** Names the traces in a text. */
export const tracesIn = (text: string): string[] =>
  traces.map((trace) => trace.exec(text)?.[0]).filter((word) => word !== undefined);

/** Makes a log that keeps what it writes. */
export function keepingLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return { log: createLog({ service: 'test', level: 'debug', destination }), lines };
}
