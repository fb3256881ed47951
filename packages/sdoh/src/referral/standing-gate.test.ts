import { expect, it } from 'vitest';
import { standingGate } from './standing-gate.ts';

const nothing = { hasConsentEnded: false, isHeld: false };

it.each([
  ['send', nothing, 'send'],
  ['hold', nothing, 'hold'],
  [null, nothing, 'review'],
  ['send', { ...nothing, isHeld: true }, 'hold'],
  ['send', { hasConsentEnded: true, isHeld: true }, 'consent'],
  ['hold', { ...nothing, hasConsentEnded: true }, 'consent'],
  ['consent', { ...nothing, isHeld: true }, 'consent'],
  ['review', { hasConsentEnded: true, isHeld: true }, 'review'],
])('a referral stored at %s, with %o since, stands at %s', (stored, since, gate) => {
  expect(standingGate(stored, since)).toBe(gate);
});
