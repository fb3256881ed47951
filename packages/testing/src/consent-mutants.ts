import { systems } from '@loopwell/fhir';
import { noPermission, refusing } from './consent-changes.ts';
import { absent, type Dice, isPrimitive, type Json, nodesOf } from './json-dice.ts';

/**
 * For tests: Consents, orders and Goals that permit, changed at random in ways that take the
 * permission away.
 */

/** Elements of R5, of other resources, and unknown ones. */
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

/**
 * Changes a resource so that it permits no more, and names the change for the message of a failing
 * test. Gives undefined if it could not change anything.
 */
export type Mutation = (resource: Json, dice: Dice) => string | undefined;

const anyNode = (resource: Json, dice: Dice) => dice.pick(nodesOf(resource, ''));

function memberOf(resource: Json, dice: Dice, wanted: (name: string, content: unknown) => boolean) {
  const members = nodesOf(resource, '').flatMap(({ object, path }) =>
    Object.entries(object).map(([name, content]) => ({ object, path, name, content })),
  );
  const fitting = members.filter(({ name, content }) => wanted(name, content));
  return fitting.length > 0 ? dice.pick(fitting) : undefined;
}

const addForeign: Mutation = (resource, dice) => {
  const { object, path } = anyNode(resource, dice);
  const [name, content] = dice.pick(foreign.filter(([one]) => !Object.hasOwn(object, one)));
  if (name === 'subject' && resource.resourceType !== 'Consent' && path === '') return undefined;
  object[name] = structuredClone(content);
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
  const member = memberOf(resource, dice, (name) => name !== 'resourceType' || dice.chance(0.2));
  if (!member) return undefined;
  const { object, path, name, content } = member;
  object[name] = Array.isArray(content) ? content[0] : [content];
  return `${path}.${name} as ${Array.isArray(content) ? 'one' : 'a list'}`;
};

const changeType: Mutation = (resource, dice) => {
  const member = memberOf(resource, dice, () => true);
  if (!member) return undefined;
  const { object, path, name, content } = member;
  const others = [null, 7.5, true, 'x', { nobody: 1 }].filter(
    (other) => typeof other !== typeof content,
  );
  const members = [null, 7, 'x', []].filter(
    (other) => other === null || typeof other !== typeof (Array.isArray(content) ? content[0] : ''),
  );
  object[name] =
    Array.isArray(content) && dice.chance(0.5)
      ? [dice.pick(members)]
      : dice.pick([...others, null]);
  return `${path}.${name} of another type`;
};

const mask: Mutation = (resource, dice) => {
  const member = memberOf(
    resource,
    dice,
    (name, value) => isPrimitive(value) && name !== 'resourceType',
  );
  if (!member) return undefined;
  const { object, path, name } = member;
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

const provisionOf = (resource: Json) => resource.provision as Json;
const cased = (text: string, dice: Dice) =>
  dice.pick([
    ` ${text}`,
    `${text} `,
    text.toUpperCase(),
    `${text.charAt(0).toUpperCase()}${text.slice(1)}`,
  ]);

const otherWriting: Mutation = (resource, dice) => {
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
};

/** Changes that make a resource unreadable. Beside an older permit it may be a refusal. */
export const unreadable: readonly Mutation[] = [
  addForeign,
  addModifier,
  addRules,
  changeCardinality,
  changeType,
  mask,
  withhold,
];
/** All changes that take the permission away. */
export const takingAway: readonly Mutation[] = [
  ...unreadable,
  otherWriting,
  noPermission,
  noPermission,
  refusing,
];
