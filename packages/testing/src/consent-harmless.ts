import { systems } from '@loopwell/fhir';
import {
  consentPolicies,
  type Dice,
  isPrimitive,
  type Json,
  nodesOf,
  note,
} from './consent-mutants.ts';

/**
 * For tests: Consents, orders and Goals that permit, changed at random in ways that change nothing.
 */

/** Other order, ids, displays, extensions, narrative: nothing that a permission hangs on. */
export function harmless(resource: Json, dice: Dice): Json {
  const shuffled = shuffle(resource, dice);
  for (const { object, path } of nodesOf(shuffled, '').filter(
    (node) => !node.path.includes('xtension'),
  )) {
    if (path !== '' && dice.chance(0.2)) object.id = `e${Math.floor(dice.next() * 99)}`;
    if (dice.chance(0.2))
      object.extension = [
        { ...note },
        { url: 'https://x.example/more', extension: [{ url: 'part', valueCoding: { code: 'z' } }] },
      ];
    // Of a policy and a category the name counts, too: it may be a refusal's.
    const names = /policyRule|category/.test(path)
      ? ['Authorization', 'Permit', 'Información']
      : ['Deny', 'Permit', 'Información'];
    if (typeof object.code === 'string' && dice.chance(0.3)) object.display = dice.pick(names);
    const primitive = Object.entries(object).find(
      ([name, value]) => isPrimitive(value) && !['resourceType', 'id'].includes(name),
    );
    if (primitive && dice.chance(0.2))
      object[`_${primitive[0]}`] = dice.pick([{ id: 'p' }, { extension: [{ ...note }] }]);
  }
  const more: readonly [string, unknown][] = [
    ['text', { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">deny</div>' }],
    ['language', 'es'],
    [
      'meta',
      {
        lastUpdated: '2026-09-01T00:00:00.000Z',
        profile: ['https://x.example/p'],
        source: 'urn:x',
        security: [{ code: 'N' }],
      },
    ],
    [
      'contained',
      [
        { resourceType: 'Organization', id: 'o', name: 'Clinic' },
        { resourceType: 'Practitioner', id: 'w', active: true, name: [{ family: 'Lee' }] },
      ],
    ],
    [
      'identifier',
      [{ system: 'urn:x', value: '2', type: { text: 'Form' }, period: { start: '2026' } }],
    ],
  ];
  for (const [name, value] of more) if (dice.chance(0.3)) shuffled[name] = structuredClone(value);
  if (shuffled.resourceType === 'Consent') harmlessOfConsent(shuffled, dice);
  return shuffled;
}

function harmlessOfConsent(consent: Json, dice: Dice): void {
  const provision = consent.provision as Json;
  if (dice.chance(0.2)) {
    delete provision.type;
    delete provision._type;
  }
  if (dice.chance(0.2)) delete provision.period;
  else
    provision.period = dice.pick([
      { start: '2026-08' },
      { end: '2027' },
      { start: '2026-08-01T00:00:00Z', end: '2027-01-01T00:00:00+02:00' },
      { start: '2026-08-01T23:59:60Z' },
      { end: '2027-02-28T00:00:00-11:00' },
      {},
    ]);
  if (dice.chance(0.2)) delete provision.actor;
  if (dice.chance(0.2)) delete consent.verification;
  if (dice.chance(0.2)) {
    delete consent.sourceAttachment;
    consent.sourceReference = { reference: 'DocumentReference/1' };
  }
  if (dice.chance(0.4))
    consent.policyRule = dice.pick([
      { text: 'Authorization to share' },
      { text: 'I agree. This authorization may be revoked at any time; I may refuse to sign it.' },
      { text: 'You can opt out later. It holds until withdrawn.' },
      { text: 'Share without restrictions to adopt outreach' },
      { coding: [{ system: systems.actCode, code: 'OPTIN', display: 'opt-in' }] },
      {
        coding: [{ system: consentPolicies, code: 'hipaa-auth', display: 'HIPAA Authorization' }],
        text: 'HIPAA',
      },
    ]);
  else if (dice.chance(0.3)) {
    delete consent.policyRule;
    consent.policy = [
      dice.pick([
        { uri: 'https://clinic.example/forms/share' },
        { authority: 'https://mn.example' },
      ]),
    ];
  }
  if (dice.chance(0.2)) delete consent.performer;
  if (dice.chance(0.2))
    consent.patient = {
      reference: dice.pick(['https://ehr.example/fhir/Patient/p', 'Patient/p/_history/2']),
    };
  if (dice.chance(0.2))
    consent.organization = [{ identifier: { system: 'urn:npi', value: '1' }, display: 'Clinic' }];
  if (dice.chance(0.1)) delete consent.organization;
  if (dice.chance(0.2))
    consent.verification = [{ verified: true, verificationDate: '2026-08-02' }, { verified: true }];
  if (dice.chance(0.2) && Array.isArray(provision.actor))
    provision.actor.push({
      role: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType', code: 'IRCP' },
        ],
        text: 'recipient',
      },
      reference: { reference: 'Organization/other' },
    });
  if (dice.chance(0.2))
    consent.dateTime = dice.pick(['2026-08-01', '2026-08', '2026-08-01T10:00:00.123Z']);
}

function shuffle(value: Json, dice: Dice): Json {
  const entries = Object.entries(value).map(
    ([name, member]) => [dice.next(), name, reordered(member, dice)] as const,
  );
  return Object.fromEntries(
    entries.sort(([a], [b]) => a - b).map(([, name, member]) => [name, member]),
  );
}

function reordered(value: unknown, dice: Dice): unknown {
  if (Array.isArray(value)) return value.map((member) => reordered(member, dice));
  return typeof value === 'object' && value !== null ? shuffle(value as Json, dice) : value;
}
