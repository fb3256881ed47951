import { expect, it } from 'vitest';
import {
  type MinorService,
  type MinorSituation,
  mayAgreeAlone,
  minorRules,
} from './minor-services.ts';

it.each<[string, MinorService, MinorSituation, boolean]>([
  ['MN', 'pregnancy', 'any', true],
  ['MN', 'sexual-health', 'any', true],
  ['MN', 'substance-use', 'any', true],
  ['MN', 'emergency', 'any', true],
  ['MN', 'hepatitis-b-vaccine', 'any', true],
  ['MN', 'health', 'any', false],
  ['MN', 'health', 'lives-apart', true],
  ['MN', 'health', 'married-or-parent', true],
  ['MN', 'hepatitis-b-vaccine', 'lives-apart', true],
  ['WI', 'pregnancy', 'any', false],
  ['constructor', 'pregnancy', 'any', false],
])('in %s a minor may agree to %s, situation %s: %s', (state, service, situation, may) => {
  expect(mayAgreeAlone(state, service, situation)).toBe(may);
});

it('names the statute of each rule', () => {
  for (const { statute } of minorRules('MN')) expect(statute).toMatch(/^144\.34/);
});
