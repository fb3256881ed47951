import { type fhir4, systems } from '@loopwell/fhir';
import { expect, it } from 'vitest';
import { partTwoNotice, withPartTwoNotice } from './minimum-order.ts';

const labels = ['42CFRPart2', 'NORDSCLCD'].map((code) => ({ system: systems.actCode, code }));

it.each<[string, boolean, boolean]>([
  ['ServiceRequest', true, true],
  ['Patient', true, false],
  ['Condition', true, false],
  ['Consent', true, false],
  ['Task', true, false],
  ['Organization', false, false],
])('a %s has the labels of 42 CFR Part 2: %s, and the words: %s', (type, isMarked, hasWords) => {
  const resource = { resourceType: type, id: 'x', meta: { profile: ['p'] } } as fhir4.Resource;
  const expected: object = { ...resource };
  if (isMarked) Object.assign(expected, { meta: { profile: ['p'], security: labels } });
  if (hasWords) Object.assign(expected, { note: [{ text: partTwoNotice }] });
  expect(withPartTwoNotice(resource)).toEqual(expected);
});
