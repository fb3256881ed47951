import { describe, expect, it } from 'vitest';
import { isOpen, type ReadingGap, sayForm, sayGap, sayNoticed } from './reading-gaps.ts';

const gapOf = (more: Partial<ReadingGap>): ReadingGap => ({
  kind: 'refused',
  connection: 'c',
  ehr: 'https://ehr.example/r4',
  type: 'Observation',
  cursors: 1,
  of: 1,
  byPatient: false,
  ...more,
});

describe('what is not read', () => {
  it.each<[Partial<ReadingGap>, boolean]>([
    [{ kind: 'refused' }, true],
    [{ kind: 'refused', type: 'Consent' }, true],
    [{ kind: 'short' }, true],
    [{ kind: 'nothing', type: '*' }, true],
    [{ kind: 'cannot-show', type: 'Consent' }, true],
    [{ kind: 'not-offered', type: 'QuestionnaireResponse' }, true],
    [{ kind: 'not-offered', type: 'Encounter' }, true],
    [{ kind: 'not-offered', type: 'Goal' }, false],
    [{ kind: 'refused', closedBy: 'person:olu' }, false],
  ])('%j keeps a run from ending well: %s', (more, open) => {
    expect(isOpen(gapOf(more))).toBe(open);
  });

  it.each<[string, Partial<ReadingGap>]>([
    [
      'Observation: refused by the EHR (403, forbidden): screenings that come as Observations are not read. Ask',
      { status: 403, issueCode: 'forbidden' },
    ],
    ['for 1 of 1 patient:', { byPatient: true }],
    ['for 2 of 240 patients:', { byPatient: true, cursors: 2, of: 240 }],
    ['Look whether the EHR has this type', { status: 404 }],
    ['also without _sort and _lastUpdated', { status: 400 }],
    [
      'Encounter: the EHR says 120 and gave 50, and shows no way to the rest',
      { kind: 'short', type: 'Encounter', total: 120, given: 50 },
    ],
    [
      'knows no Patient of 1 of 2 ids that are named',
      { kind: 'unknown-patient', type: 'Patient', cursors: 1, of: 2 },
    ],
    ['the EHR cannot show one, and nobody knows whose', { kind: 'cannot-show', type: 'Consent' }],
    ['could not be read (REMOTE_REFUSED)', { kind: 'failed', code: 'REMOTE_REFUSED' }],
    ['Closed by person:olu.', { closedBy: 'person:olu' }],
    [
      'Nothing has ever been read from https://ehr.example/r4',
      { kind: 'nothing', nothing: { patientsNamed: 0, isRefused: false } },
    ],
    [
      'any of the 3 ids that --patients names',
      { kind: 'nothing', nothing: { patientsNamed: 3, isRefused: false } },
    ],
    [
      'its /metadata answers 404',
      { kind: 'nothing', nothing: { patientsNamed: 3, isRefused: true, metadataStatus: 404 } },
    ],
    [
      'it refuses or fails',
      { kind: 'nothing', nothing: { patientsNamed: 0, isRefused: true, metadataStatus: 200 } },
    ],
    [
      'since 2026-11-01',
      {
        kind: 'nothing',
        nothing: { patientsNamed: 0, isRefused: false, since: '2026-11-01T00:00:00.000Z' },
      },
    ],
  ])('says: %s', (says, more) => {
    expect(sayGap(gapOf(more))).toContain(says);
    expect(sayGap(gapOf(more))).not.toContain('undefined');
  });
});

it('says how searches are asked, and nothing of the usual form', () => {
  const usual = { time: 'ge-lt', sort: true, count: true, category: true } as const;
  expect(sayForm(usual)).toBeUndefined();
  expect(sayForm({ ...usual, sort: false, time: 'none' })).toBe(
    'asked without _sort, without _lastUpdated, whole each time',
  );
  expect(sayForm({ ...usual, time: 'ge-le' })).toBe('asked _lastUpdated with ge and le');
});

it('says what was noticed, and of a code that it does not know the code', () => {
  expect(sayNoticed('Goal', { code: 'clock-ahead', ms: 90_000 })).toContain('2 minutes later');
  expect(sayNoticed('Goal', { code: 'clock-ahead', ms: 6 * 3_600_000 })).toContain('6 hours later');
  expect(sayNoticed('Goal', { code: 'incomplete' })).toContain('may not contain the entire record');
  const led = 'http://inner.test:8080/fhir';
  expect(sayNoticed('Goal', { code: 'next-elsewhere', led })).toContain(
    `led to ${led} and was not followed; reading went on by time`,
  );
  expect(sayNoticed('Goal', { code: 'next-elsewhere', led })).toContain('--ehr-alias');
  expect(sayNoticed('Goal', { code: 'page-gone-larger' })).not.toContain('by time');
  expect(sayNoticed('Goal', { code: 'informational' })).toBe(
    'Goal: the EHR adds a notice to its answers (informational).',
  );
});
