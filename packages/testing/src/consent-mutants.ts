import { systems } from '@loopwell/fhir';

/**
 * For tests: Consents, orders and Goals that permit, changed at random in ways that change nothing,
 * or in ways that take the permission away. The same seed makes the same one.
 */

export type Json = Record<string, unknown>;
type Node = { object: Json; path: string };
export type Dice = {
  next: () => number;
  pick: <T>(some: readonly T[]) => T;
  chance: (of: number) => boolean;
};

/** The same numbers in every run (mulberry32). */
export function diceOf(seed: number): Dice {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = <T>(some: readonly T[]): T => some[Math.floor(next() * some.length)] as T;
  return { next, pick, chance: (of) => next() < of };
}

export function nodesOf(value: unknown, path: string): Node[] {
  if (Array.isArray(value)) return value.flatMap((member) => nodesOf(member, path));
  if (typeof value !== 'object' || value === null) return [];
  const members = Object.entries(value).flatMap(([name, member]) =>
    name === 'contained' ? [] : nodesOf(member, `${path}.${name}`),
  );
  return [{ object: value as Json, path }, ...members];
}

export const isPrimitive = (value: unknown) => typeof value !== 'object';
const absent = {
  url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
  valueCode: 'masked',
};
export const note = {
  url: 'https://ehr.example.org/StructureDefinition/note',
  valueString: 'as told',
};

/** Elements of R5 and of other resources, and some of nobody's. */
const foreign: readonly (readonly [string, unknown])[] = [
  ['decision', 'deny'],
  ['decision', 'permit'],
  ['subject', { reference: 'Patient/p' }],
  ['grantee', [{ reference: 'Organization/other' }]],
  ['grantor', [{ reference: 'Patient/p' }]],
  ['controller', [{ reference: 'Organization/clinic' }]],
  ['manager', [{ reference: 'Organization/clinic' }]],
  ['date', '2026-08-01'],
  ['regulatoryBasis', [{ text: 'x' }]],
  ['policyBasis', { url: 'https://x.example' }],
  ['policyText', [{ reference: 'DocumentReference/1' }]],
  ['resourceTypes', [{ code: 'Task' }]],
  ['documentType', [{ code: 'x' }]],
  ['expression', { language: 'x' }],
  ['except', [{ type: 'deny' }]],
  ['concept', { text: 'x' }],
  ['negated', true],
  ['Status', 'active'],
  ['_note', { id: 'x' }],
  ['fhir_comments', ['x']],
  ['toString', 'x'],
  ['constructor', { x: 1 }],
];

/** Each takes the permission away; what it changed, for the message of a failing test. */
export type Mutation = (resource: Json, dice: Dice) => string | undefined;

const anyNode = (resource: Json, dice: Dice) => dice.pick(nodesOf(resource, ''));

function memberOf(resource: Json, dice: Dice, wanted: (name: string, value: unknown) => boolean) {
  const found = nodesOf(resource, '').flatMap(({ object, path }) =>
    Object.entries(object).flatMap(([name, value]) =>
      wanted(name, value) ? [{ object, path, name, value }] : [],
    ),
  );
  return found.length > 0 ? dice.pick(found) : undefined;
}

const addForeign: Mutation = (resource, dice) => {
  const { object, path } = anyNode(resource, dice);
  const [name, value] = dice.pick(foreign.filter(([one]) => !Object.hasOwn(object, one)));
  if (name === 'subject' && resource.resourceType !== 'Consent' && path === '') return undefined;
  object[name] = structuredClone(value);
  return `${path}.${name}`;
};

const addModifier: Mutation = (resource, dice) => {
  const { object, path } = anyNode(resource, dice);
  object.modifierExtension = [
    { url: 'https://ehr.example.org/not', valueBoolean: dice.chance(0.5) },
  ];
  return `${path}.modifierExtension`;
};

const addRules: Mutation = (resource, dice) => {
  const rules = { implicitRules: 'https://ehr.example.org/rules' };
  if (dice.chance(0.5))
    Object.assign(resource, dice.chance(0.7) ? rules : { _implicitRules: { id: 'x' } });
  else resource.contained = [{ resourceType: 'Organization', id: 'o', ...rules }];
  return 'implicitRules';
};

const changeCardinality: Mutation = (resource, dice) => {
  const found = memberOf(resource, dice, (name) => name !== 'resourceType' || dice.chance(0.2));
  if (!found) return undefined;
  const { object, path, name, value } = found;
  object[name] = Array.isArray(value) ? value[0] : [value];
  return `${path}.${name} as ${Array.isArray(value) ? 'one' : 'a list'}`;
};

const changeType: Mutation = (resource, dice) => {
  const found = memberOf(resource, dice, () => true);
  if (!found) return undefined;
  const { object, path, name, value } = found;
  const others = [null, 7.5, true, 'x', { nobody: 1 }].filter(
    (other) => typeof other !== typeof value,
  );
  const members = [null, 7, 'x', []].filter(
    (other) => other === null || typeof other !== typeof (Array.isArray(value) ? value[0] : ''),
  );
  object[name] =
    Array.isArray(value) && dice.chance(0.5) ? [dice.pick(members)] : dice.pick([...others, null]);
  return `${path}.${name} of another type`;
};

const mask: Mutation = (resource, dice) => {
  const found = memberOf(
    resource,
    dice,
    (name, value) => isPrimitive(value) && name !== 'resourceType',
  );
  if (!found) return undefined;
  const { object, path, name } = found;
  if (dice.chance(0.5)) delete object[name];
  object[`_${name}`] =
    dice.chance(0.8) || Object.hasOwn(object, name) ? { extension: [{ ...absent }] } : { id: 'x' };
  return `${path}._${name}`;
};

const withhold: Mutation = (resource, dice) => {
  const { object, path } = dice.pick(
    nodesOf(resource, '').filter((node) => node.path !== '' && !node.path.includes('extension')),
  );
  object.extension = [...((object.extension as unknown[]) ?? []), { ...absent }];
  return `${path} withheld`;
};

const set =
  (change: (resource: Json, dice: Dice) => string): Mutation =>
  (resource, dice) =>
    change(resource, dice);

const provisionOf = (resource: Json) => resource.provision as Json;
const cased = (text: string, dice: Dice) =>
  dice.pick([
    ` ${text}`,
    `${text} `,
    text.toUpperCase(),
    `${text.charAt(0).toUpperCase()}${text.slice(1)}`,
  ]);

const otherWriting = set((resource, dice) => {
  const where = dice.pick(['status', 'type', 'scope', 'category', 'policyRule']);
  if (where === 'status') resource.status = cased('active', dice);
  if (where === 'type') provisionOf(resource).type = cased(dice.pick(['permit', 'deny']), dice);
  if (where === 'scope')
    resource.scope = {
      coding: [{ system: systems.consentScope, code: cased('patient-privacy', dice) }],
    };
  if (where === 'category')
    resource.category = [
      { coding: [{ system: systems.actCode, code: dice.pick(['idscl', ' IDSCL', 'Idscl']) }] },
    ];
  if (where === 'policyRule')
    resource.policyRule = { coding: [{ system: 'urn:x', code: 'HIPAA-AUTH' }] };
  return `${where} in other writing`;
});

const code = (system: string, value: string) => ({ coding: [{ system, code: value }] });
export const consentPolicies = 'http://terminology.hl7.org/CodeSystem/consentpolicycodes';

const noPermission = set((resource, dice) => {
  const changes: readonly (readonly [string, () => void])[] = [
    ['deny', () => Object.assign(provisionOf(resource), { type: 'deny' })],
    [
      'a status',
      () =>
        Object.assign(resource, {
          status: dice.pick(['draft', 'proposed', 'inactive', 'rejected', 'entered-in-error']),
        }),
    ],
    [
      'a policy',
      () =>
        Object.assign(resource, {
          policyRule: code(
            systems.actCode,
            dice.pick(['OPTOUT', 'OPTOUTE', 'OPTINR', 'NOCONSENT', 'X']),
          ),
        }),
    ],
    [
      'a restriction',
      () =>
        Object.assign(resource, {
          policyRule: code(
            consentPolicies,
            dice.pick(['hipaa-restrictions', 'hipaa-self-pay', 'va-10-0484']),
          ),
        }),
    ],
    [
      'two policies',
      () =>
        Object.assign(resource, {
          policyRule: {
            coding: [
              ...code(consentPolicies, 'hipaa-auth').coding,
              ...code(systems.actCode, 'OPTOUT').coding,
            ],
          },
        }),
    ],
    ['no policy', () => Object.assign(resource, { policy: [], policyRule: { id: 'x' } })],
    [
      'not verified',
      () => Object.assign(resource, { verification: [{ verified: true }, { verified: false }] }),
    ],
    ['over', () => Object.assign(provisionOf(resource), { period: { end: '2026-08-02' } })],
    ['not begun', () => Object.assign(provisionOf(resource), { period: { start: '2027-01-01' } })],
    [
      'ends before it starts',
      () =>
        Object.assign(provisionOf(resource), {
          period: { start: '2026-08-02', end: '2025-01-01' },
        }),
    ],
    ['signed in the future', () => Object.assign(resource, { dateTime: '2027-01-01' })],
    ['signed too long ago', () => Object.assign(resource, { dateTime: '2024-01-01' })],
    [
      'for others',
      () =>
        Object.assign(provisionOf(resource), {
          actor: [{ role: { text: 'r' }, reference: { reference: 'Organization/other' } }],
        }),
    ],
    [
      'for somebody by name',
      () =>
        Object.assign(provisionOf(resource), {
          actor: [{ role: { text: 'r' }, reference: { display: 'Pantry' } }],
        }),
    ],
    ['of another person', () => Object.assign(resource, { patient: { reference: 'Patient/q' } })],
    [
      'of another kind',
      () =>
        Object.assign(resource, {
          scope: code(systems.consentScope, dice.pick(['treatment', 'adr', 'research'])),
        }),
    ],
    [
      'of another category',
      () => Object.assign(resource, { category: [code(systems.loinc, '59284-0')] }),
    ],
    ['left out', () => Object.assign(resource, { meta: { tag: [{ code: 'SUBSETTED' }] } })],
    [
      'two sources',
      () =>
        Object.assign(resource, {
          sourceAttachment: {},
          sourceReference: { reference: 'DocumentReference/1' },
        }),
    ],
    ...['purpose', 'securityLabel', 'class'].map(
      (name) =>
        [name, () => Object.assign(provisionOf(resource), { [name]: [{ code: 'x' }] })] as const,
    ),
    ...['action', 'code'].map(
      (name) =>
        [name, () => Object.assign(provisionOf(resource), { [name]: [{ text: 'x' }] })] as const,
    ),
    ['dataPeriod', () => Object.assign(provisionOf(resource), { dataPeriod: { start: '2026' } })],
    [
      'data',
      () =>
        Object.assign(provisionOf(resource), {
          data: [{ meaning: 'instance', reference: { reference: 'Observation/1' } }],
        }),
    ],
    [
      'nested',
      () =>
        Object.assign(provisionOf(resource), {
          provision: [{ type: dice.pick(['deny', 'permit']) }],
        }),
    ],
    ...['status', 'scope', 'category', 'patient', 'dateTime'].map(
      (name) => [`no ${name}`, () => delete resource[name]] as const,
    ),
  ];
  const [name, change] = dice.pick(changes);
  change();
  return name;
});

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

/** A refusal by what something is called, and an actor to whom nothing goes. */
const refusing = set((resource, dice) => {
  const changes: readonly (readonly [string, () => void])[] = [
    [
      'a policy in words',
      () => Object.assign(resource, { policyRule: { text: dice.pick(refusals) } }),
    ],
    [
      'a policy by its name',
      () =>
        Object.assign(resource, {
          policyRule: {
            coding: [
              { ...code(consentPolicies, 'hipaa-auth').coding[0], display: dice.pick(refusals) },
            ],
          },
        }),
    ],
    [
      'a policy by its address',
      () => Object.assign(resource, { policy: [{ uri: dice.pick(refusingAddresses) }] }),
    ],
    [
      'a policy of a refusing authority',
      () => Object.assign(resource, { policy: [{ authority: dice.pick(refusingAddresses) }] }),
    ],
    [
      'a category that refuses',
      () =>
        (resource.category as Json[]).push(
          dice.pick([
            code(systems.actCode, dice.pick(['OPTOUT', 'OPTOUTE'])),
            { text: dice.pick(refusals) },
          ]),
        ),
    ],
    [
      'a form that refuses',
      () => Object.assign(resource, { sourceAttachment: { title: dice.pick(refusals) } }),
    ],
    [
      'an actor in another role',
      () =>
        Object.assign(provisionOf(resource), {
          actor: [
            {
              role: dice.pick([code('urn:x', 'CST'), code('urn:x', 'AUT'), { text: 'Custodian' }]),
              reference: { reference: 'Organization/pantry' },
            },
          ],
        }),
    ],
  ];
  const [name, change] = dice.pick(changes);
  change();
  return name;
});

/** What cannot be read: over an older permit it may be a no. */
export const unreadable: readonly Mutation[] = [
  addForeign,
  addModifier,
  addRules,
  changeCardinality,
  changeType,
  mask,
  withhold,
];
export const takingAway: readonly Mutation[] = [
  ...unreadable,
  otherWriting,
  noPermission,
  noPermission,
  refusing,
];
