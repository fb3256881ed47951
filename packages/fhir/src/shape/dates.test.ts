import { expect, it } from 'vitest';
import { isMeant, isRealDate } from './dates.ts';

it.each([
  ['2026-11-01', true],
  ['2024-02-29', true],
  ['9999-12-31', true],
  ['2026-11-01T10:00:00Z', true],
  ['2026-11-01T10:00:00.5-06:00', true],
  ['2026-02-30', false],
  ['2025-02-29', false],
  ['2026-11', false],
  ['2026', false],
  ['', false],
  ['2026-11-01T10:00:00', false],
  ['2026-11-01T10:00Z', false],
  ['2026-11-01T24:00:00Z', false],
  ['2026-11-01T23:59:60Z', false],
  ['2026-11-01T10:00:00+99:99', false],
  ['2026-11-01t10:00:00z', false],
  ['2026-11-01\n', false],
])('%j is a real date: %s', (text, isReal) => {
  expect(isRealDate(text)).toBe(isReal);
  if (isReal) expect(new Date(text).getTime()).not.toBeNaN();
});

it.each([
  ['1900', true],
  ['2100-12-31', true],
  ['2026-11-01T23:59:60Z', true],
  ['1899-12-31', false],
  ['2101', false],
  ['2026-02-30', false],
  ['2026-11-01T24:00:00Z', false],
  ['soon', false],
])('%j is a plausible date: %s', (text, isPlausible) => {
  expect(isMeant(text)).toBe(isPlausible);
});
