import { systems } from '@loopwell/fhir';
import type { Dice, Json } from './json-dice.ts';

/**
 * Makes the elements of a Consent or of its provision that change, so that it permits no more. For
 * tests.
 */
type Change = (dice: Dice) => Json;

/** The code system of HL7's consent policies. */
export const consentPolicies = 'http://terminology.hl7.org/CodeSystem/consentpolicycodes';

const coded = (system: string, code: string) => ({ coding: [{ system, code }] });
const form = coded(consentPolicies, 'hipaa-auth').coding;
const otherStatuses = ['draft', 'proposed', 'inactive', 'rejected', 'entered-in-error'];
const otherPolicies = ['OPTOUT', 'OPTOUTE', 'OPTINR', 'NOCONSENT', 'X'];
const restrictions = ['hipaa-restrictions', 'hipaa-self-pay', 'va-10-0484'];
const otherScopes = ['treatment', 'adr', 'research'];

const consentChanges: Readonly<Record<string, Change>> = {
  'a status': (dice) => ({ status: dice.pick(otherStatuses) }),
  'a policy': (dice) => ({ policyRule: coded(systems.actCode, dice.pick(otherPolicies)) }),
  'a restriction': (dice) => ({ policyRule: coded(consentPolicies, dice.pick(restrictions)) }),
  'two policies': () => ({
    policyRule: { coding: [...form, ...coded(systems.actCode, 'OPTOUT').coding] },
  }),
  'no policy': () => ({ policy: [], policyRule: { id: 'x' } }),
  'not verified': () => ({ verification: [{ verified: true }, { verified: false }] }),
  'signed in the future': () => ({ dateTime: '2027-01-01' }),
  'signed too long ago': () => ({ dateTime: '2024-01-01' }),
  'of another person': () => ({ patient: { reference: 'Patient/q' } }),
  'of another kind': (dice) => ({ scope: coded(systems.consentScope, dice.pick(otherScopes)) }),
  'of another category': () => ({ category: [coded(systems.loinc, '59284-0')] }),
  'left out': () => ({ meta: { tag: [{ code: 'SUBSETTED' }] } }),
  'two sources': () => ({
    sourceAttachment: {},
    sourceReference: { reference: 'DocumentReference/1' },
  }),
  'no status': () => ({ status: undefined }),
  'no scope': () => ({ scope: undefined }),
  'no category': () => ({ category: undefined }),
  'no patient': () => ({ patient: undefined }),
  'no dateTime': () => ({ dateTime: undefined }),
};

const provisionChanges: Readonly<Record<string, Change>> = {
  deny: () => ({ type: 'deny' }),
  over: () => ({ period: { end: '2026-08-02' } }),
  'not begun': () => ({ period: { start: '2027-01-01' } }),
  'ends before it starts': () => ({ period: { start: '2026-08-02', end: '2025-01-01' } }),
  'for others': () => ({
    actor: [{ role: { text: 'r' }, reference: { reference: 'Organization/other' } }],
  }),
  'for somebody by name': () => ({
    actor: [{ role: { text: 'r' }, reference: { display: 'Pantry' } }],
  }),
  purpose: () => ({ purpose: [{ code: 'x' }] }),
  securityLabel: () => ({ securityLabel: [{ code: 'x' }] }),
  class: () => ({ class: [{ code: 'x' }] }),
  action: () => ({ action: [{ text: 'x' }] }),
  code: () => ({ code: [{ text: 'x' }] }),
  dataPeriod: () => ({ dataPeriod: { start: '2026' } }),
  data: () => ({
    data: [{ meaning: 'instance', reference: { reference: 'Observation/1' } }],
  }),
  nested: (dice) => ({ provision: [{ type: dice.pick(['deny', 'permit']) }] }),
};

const refusals = [
  'OPTOUT',
  'opt-out',
  'Opted out',
  'Opt Out of sharing',
  'Consent refused',
  'Refusal to share information',
  'The person declined',
  'Disclosure denied',
  'Restricted',
  'Request for restriction',
  'Do not share',
  'Information may not be disclosed',
  'No disclosure',
  'Consent withdrawn',
  'Revocation of authorization',
  'Patient objects',
];
const refusingAddresses = [
  'https://mn.example/opt-out/2026',
  'https://mn.example/forms/OptOutForm.pdf',
  'https://mn.example/policies?kind=optout',
  'urn:policy:OPTOUT:2',
  'https://mn.example/hipaa-restrictions/form',
  'https://mn.example/consent-refusal',
  'https://mn.example/do-not-share',
  'http://terminology.hl7.org/CodeSystem/v3-ActCode|OPTOUT',
];

/** Changes by which a name, text or address in the Consent says no. */
const refusingConsents: Readonly<Record<string, Change>> = {
  'a policy in words': (dice) => ({ policyRule: { text: dice.pick(refusals) } }),
  'a policy by its name': (dice) => ({
    policyRule: { coding: [{ ...form[0], display: dice.pick(refusals) }] },
  }),
  'a policy by its address': (dice) => ({ policy: [{ uri: dice.pick(refusingAddresses) }] }),
  'a policy of a refusing authority': (dice) => ({
    policy: [{ authority: dice.pick(refusingAddresses) }],
  }),
  'a form that refuses': (dice) => ({ sourceAttachment: { title: dice.pick(refusals) } }),
};

const otherRoles = [coded('urn:x', 'CST'), coded('urn:x', 'AUT'), { text: 'Custodian' }];

/** Changes by which the provision names an actor that nothing may be sent to. */
const refusingProvisions: Readonly<Record<string, Change>> = {
  'an actor in another role': (dice) => ({
    actor: [{ role: dice.pick(otherRoles), reference: { reference: 'Organization/pantry' } }],
  }),
};

type Mutate = (resource: Json, dice: Dice) => string;

/** Changes a Consent so that its elements take the permission away, and names the change. */
export const noPermission: Mutate = changeBy(consentChanges, provisionChanges);

/** Changes a Consent so that a name refuses, or so that an actor may get nothing. */
export const refusing: Mutate = (resource, dice) => {
  if (dice.chance(1 / 7)) return addRefusingCategory(resource, dice);
  return changeBy(refusingConsents, refusingProvisions)(resource, dice);
};

function addRefusingCategory(resource: Json, dice: Dice): string {
  const optOut = coded(systems.actCode, dice.pick(['OPTOUT', 'OPTOUTE']));
  (resource.category as Json[]).push(dice.pick([optOut, { text: dice.pick(refusals) }]));
  return 'a category that refuses';
}

/**
 * Changes a Consent by one random row of the tables. An element that becomes undefined is removed.
 */
function changeBy(
  ofConsent: Readonly<Record<string, Change>>,
  ofProvision: Readonly<Record<string, Change>>,
): Mutate {
  return (resource, dice) => {
    const name = dice.pick([...Object.keys(ofConsent), ...Object.keys(ofProvision)]);
    const inConsent = ofConsent[name];
    const target = inConsent ? resource : (resource.provision as Json);
    const elements = (inConsent ?? ofProvision[name])?.(dice) ?? {};
    for (const [element, content] of Object.entries(elements)) {
      if (content === undefined) delete target[element];
      else target[element] = content;
    }
    return name;
  };
}
