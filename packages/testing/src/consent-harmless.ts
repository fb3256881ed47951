import { systems } from '@loopwell/fhir';
import { consentPolicies } from './consent-changes.ts';
import { type Dice, isPrimitive, type Json, nodesOf, note } from './json-dice.ts';

/**
 * For tests: Consents, orders and Goals that permit, changed at random in ways that change nothing.
 */

/** Members that change no meaning, for any resource. */
const harmlessMembers: Readonly<Record<string, unknown>> = {
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">deny</div>' },
  language: 'es',
  meta: {
    lastUpdated: '2026-09-01T00:00:00.000Z',
    profile: ['https://x.example/p'],
    source: 'urn:x',
    security: [{ code: 'N' }],
  },
  contained: [
    { resourceType: 'Organization', id: 'o', name: 'Clinic' },
    { resourceType: 'Practitioner', id: 'w', active: true, name: [{ family: 'Lee' }] },
  ],
  identifier: [{ system: 'urn:x', value: '2', type: { text: 'Form' }, period: { start: '2026' } }],
};

const twoExtensions = [
  { ...note },
  { url: 'https://x.example/more', extension: [{ url: 'part', valueCoding: { code: 'z' } }] },
];

/**
 * Changes a permitting resource at random without changing its meaning: order, ids, displays,
 * extensions and narrative.
 */
export function harmless(resource: Json, dice: Dice): Json {
  const shuffled = shuffle(resource, dice);
  for (const { object, path } of nodesOf(shuffled, ''))
    if (!path.includes('xtension')) decorate(object, path, dice);
  for (const [name, member] of Object.entries(harmlessMembers))
    if (dice.chance(0.3)) shuffled[name] = structuredClone(member);
  if (shuffled.resourceType === 'Consent') harmlessOfConsent(shuffled, dice);
  return shuffled;
}

function decorate(object: Json, path: string, dice: Dice): void {
  if (path !== '' && dice.chance(0.2)) object.id = `e${Math.floor(dice.next() * 99)}`;
  if (dice.chance(0.2)) object.extension = structuredClone(twoExtensions);
  // The name of a policy or category counts, too: it may be a refusal's.
  const isNameRead = /policyRule|category/.test(path);
  const names = [isNameRead ? 'Authorization' : 'Deny', 'Permit', 'Información'];
  if (typeof object.code === 'string' && dice.chance(0.3)) object.display = dice.pick(names);
  const primitive = Object.entries(object).find(
    ([name, member]) => isPrimitive(member) && !['resourceType', 'id'].includes(name),
  );
  if (primitive && dice.chance(0.2))
    object[`_${primitive[0]}`] = dice.pick([{ id: 'p' }, { extension: [{ ...note }] }]);
}

const harmlessPeriods = [
  { start: '2026-08' },
  { end: '2027' },
  { start: '2026-08-01T00:00:00Z', end: '2027-01-01T00:00:00+02:00' },
  { start: '2026-08-01T23:59:60Z' },
  { end: '2027-02-28T00:00:00-11:00' },
  {},
];
const harmlessPolicyRules = [
  { text: 'Authorization to share' },
  { text: 'I agree. This authorization may be revoked at any time; I may refuse to sign it.' },
  { text: 'You can opt out later. It holds until withdrawn.' },
  { text: 'Share without restrictions to adopt outreach' },
  { coding: [{ system: systems.actCode, code: 'OPTIN', display: 'opt-in' }] },
  {
    coding: [{ system: consentPolicies, code: 'hipaa-auth', display: 'HIPAA Authorization' }],
    text: 'HIPAA',
  },
];
const harmlessPolicies = [
  { uri: 'https://clinic.example/forms/share' },
  { authority: 'https://mn.example' },
];
const patientWritings = ['https://ehr.example/fhir/Patient/p', 'Patient/p/_history/2'];
const participationType = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const otherRecipient = {
  role: { coding: [{ system: participationType, code: 'IRCP' }], text: 'recipient' },
  reference: { reference: 'Organization/other' },
};

function harmlessOfConsent(consent: Json, dice: Dice): void {
  changeProvision(consent.provision as Json, dice);
  if (dice.chance(0.2)) delete consent.verification;
  if (dice.chance(0.2)) {
    delete consent.sourceAttachment;
    consent.sourceReference = { reference: 'DocumentReference/1' };
  }
  changePolicy(consent, dice);
  if (dice.chance(0.2)) delete consent.performer;
  if (dice.chance(0.2)) consent.patient = { reference: dice.pick(patientWritings) };
  const clinic = { identifier: { system: 'urn:npi', value: '1' }, display: 'Clinic' };
  if (dice.chance(0.2)) consent.organization = [clinic];
  if (dice.chance(0.1)) delete consent.organization;
  if (dice.chance(0.2))
    consent.verification = [{ verified: true, verificationDate: '2026-08-02' }, { verified: true }];
  if (dice.chance(0.2))
    consent.dateTime = dice.pick(['2026-08-01', '2026-08', '2026-08-01T10:00:00.123Z']);
}

function changePolicy(consent: Json, dice: Dice): void {
  if (dice.chance(0.4)) consent.policyRule = structuredClone(dice.pick(harmlessPolicyRules));
  else if (dice.chance(0.3)) {
    delete consent.policyRule;
    consent.policy = [{ ...dice.pick(harmlessPolicies) }];
  }
}

function changeProvision(provision: Json, dice: Dice): void {
  if (dice.chance(0.2)) {
    delete provision.type;
    delete provision._type;
  }
  if (dice.chance(0.2)) delete provision.period;
  else provision.period = { ...dice.pick(harmlessPeriods) };
  if (dice.chance(0.2)) delete provision.actor;
  if (dice.chance(0.2) && Array.isArray(provision.actor))
    provision.actor.push(structuredClone(otherRecipient));
}

function shuffle(object: Json, dice: Dice): Json {
  const entries = Object.entries(object).map(
    ([name, member]) => [dice.next(), name, reordered(member, dice)] as const,
  );
  return Object.fromEntries(
    entries.sort(([a], [b]) => a - b).map(([, name, member]) => [name, member]),
  );
}

function reordered(json: unknown, dice: Dice): unknown {
  if (Array.isArray(json)) return json.map((member) => reordered(member, dice));
  return typeof json === 'object' && json !== null ? shuffle(json as Json, dice) : json;
}
