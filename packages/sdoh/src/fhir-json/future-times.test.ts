import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import {
  code,
  conditionsOf,
  form,
  issuesOf,
  type Loose,
  observation,
  observationsOf,
  patient,
} from '../../test/bundles.ts';
import { codeBundle } from '../index.ts';

const ahc = '96777-8';
const now = new Date('2026-05-04T15:00:00Z');

function coded(...resources: Loose[]) {
  const bundle = {
    resourceType: 'Bundle',
    entry: [patient(), ...resources].map((resource) => ({ resource })),
  };
  const [parameters] = codeBundle(bundle, instruments, { deriveId, now });
  const part = (name: string) =>
    parameters?.parameter?.find((one) => one.name === name)?.resource as unknown;
  return {
    needs: conditionsOf((part('return') as fhir4.Bundle).entry ?? []),
    made: observationsOf((part('return') as fhir4.Bundle).entry ?? []),
    said: issuesOf((part('issues') as fhir4.OperationOutcome).issue),
  };
}

const ride = (time: object) => {
  const { effectiveDateTime: _at, ...one } = observation('o1', '93030-5', 'LA33-6', time);
  return { ...one, ...time } as Loose;
};
/** A panel of today that contains its member. */
const containing = (time: object): Loose =>
  observation('p', ahc, undefined, {
    hasMember: [{ reference: '#o1' }],
    contained: [{ ...ride({}), ...time, id: 'o1' }],
  });
const need = ['POST transportation-insecurity 551691000124106 Z59.82'];

describe('an answer of the future', () => {
  it.each<[string, Loose, string]>([
    [
      'a form',
      form(ahc, { '93030-5': 'LA33-6' }, { authored: '2026-05-05T10:00:00Z' }),
      'authored',
    ],
    ['a form of a year', form(ahc, { '93030-5': 'LA33-6' }, { authored: '2027' }), 'authored'],
    ['a form of a day', form(ahc, { '93030-5': 'LA33-6' }, { authored: '2026-05-06' }), 'authored'],
    ['an Observation', ride({ effectiveDateTime: '2026-05-04T15:30:00Z' }), 'effectiveDateTime'],
    ['an instant', ride({ effectiveInstant: '2026-06-01T00:00:00Z' }), 'effectiveInstant'],
    [
      'a period',
      ride({ effectivePeriod: { start: '2026-06-01', end: '2026-06-02' } }),
      'effectivePeriod.start',
    ],
    [
      'a period of which only the end is told',
      ride({ effectivePeriod: { end: '2026-06-02' } }),
      'effectivePeriod.end',
    ],
    [
      'a member that its panel contains',
      containing({ effectiveDateTime: '2030-01-01' }),
      'contained[0].effectiveDateTime',
    ],
    ['a timing', ride({ effectiveTiming: { event: ['2026-06-01'] } }), 'effectiveTiming.event[0]'],
    ['a time of issue alone', ride({ issued: '2026-06-01T00:00:00Z' }), 'issued'],
    [
      'a time of issue beside another',
      ride({ effectiveDateTime: '2026-05-01', issued: '2026-06-01T00:00:00Z' }),
      'issued',
    ],
  ])('in %s is said at its place, and codes nothing', (_title, resource, place) => {
    const { needs, said, made } = coded(resource);
    expect([needs, made.filter((one) => one.includes('POS'))]).toEqual([[], []]);
    expect(said).toEqual([`warning invalid-value [1].resource.${place}`]);
  });

  it.each<[string, Loose]>([
    ['some minutes ahead, as clocks differ', ride({ effectiveDateTime: '2026-05-04T15:05:00Z' })],
    ['the day that has begun in the east', ride({ effectiveDateTime: '2026-05-05' })],
    ['this month', form(ahc, { '93030-5': 'LA33-6' }, { authored: '2026-05' })],
    [
      'a period that goes on',
      ride({ effectivePeriod: { start: '2026-05-01', end: '2026-06-01' } }),
    ],
    ['a period that ends today', ride({ effectivePeriod: { end: '2026-05-04' } })],
    ['a member of a panel of today', containing({ effectiveDateTime: '2026-05-04' })],
    ['now, at another offset', ride({ effectiveDateTime: '2026-05-05T01:00:00+10:00' })],
  ])('is none of %s', (_title, resource) => {
    expect(coded(resource)).toMatchObject({ needs: need, said: [] });
  });

  it('takes the place of no earlier answer, and denies nothing', () => {
    const later = form(ahc, { '93030-5': 'LA32-8' }, { id: 'q2', authored: '2030-01-01' });
    expect(coded(form(ahc, { '93030-5': 'LA33-6' }), later)).toMatchObject({
      needs: need,
      said: ['warning invalid-value [2].resource.authored'],
    });
  });

  it('does not become one of today because its panel is', () => {
    const panel = (change: object) =>
      observation('p', ahc, undefined, { hasMember: [{ reference: 'Observation/o1' }], ...change });
    expect(coded(panel({}), ride({}))).toMatchObject({ needs: need, said: [] });
    expect(coded(panel({}), ride({ effectiveDateTime: '2030-01-01' }))).toMatchObject({
      needs: [],
      said: ['warning invalid-value [2].resource.effectiveDateTime'],
    });
  });

  it('about safety still calls a person', () => {
    const { said } = coded(form(ahc, { '95618-5': 'LA6482-9' }, { authored: '2030-01-01' }));
    expect(said).toEqual([
      'warning invalid-value [1].resource.authored',
      'warning sensitive [1].resource.item[0].answer[0]',
    ]);
  });
});

describe('a Condition', () => {
  it.each(['LA33-6', 'LA32002-0'])(
    'of a need without a finding, before its leaf was there, has words and no empty coding: %s',
    (answer) => {
      for (const authored of ['2018-05-04', '2021-05-04', '2026-05-04']) {
        const resource = form(ahc, { '96779-4': answer }, { authored });
        const { transaction } = code({
          resourceType: 'Bundle',
          entry: [patient(), resource].map((one) => ({ resource: one })),
        });
        const conditions = transaction.flatMap((one) =>
          one.resource?.resourceType === 'Condition' ? [one.resource as fhir4.Condition] : [],
        );
        expect(conditions).toHaveLength(1);
        expect(JSON.stringify(conditions)).not.toContain('[]');
        expect(conditions[0]?.code?.text).toBeTruthy();
        expect(conditions[0]?.code?.coding?.length ?? 1).toBeGreaterThan(0);
      }
    },
  );
});
