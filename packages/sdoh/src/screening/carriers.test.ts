import type { fhir4 } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import {
  bundle,
  code,
  conditionsOf,
  form,
  issuesOf,
  loinc,
  observation,
  observationsOf,
  patient,
} from '../../test/bundles.ts';

const [ahc, hvs] = ['96777-8', '88121-9'];
const run = (...resources: Parameters<typeof bundle>) => code(bundle(patient(), ...resources));
const yes = { valueCoding: { system: loinc, code: 'LA33-6' } };
const ride = 'POST transportation-insecurity 551691000124106 Z59.82';
const component = (question: string, answer: string) => ({
  code: { coding: [{ system: loinc, code: question }] },
  valueCodeableConcept: { coding: [{ system: loinc, code: answer }] },
});

describe('which form it is', () => {
  const hungry = { '88122-7': 'LA28397-0' };
  it.each<[string, object]>([
    ['LOINC’s address with another scheme', { questionnaire: 'https://loinc.org/q/96777-8|2.78' }],
    ['and without its q', { questionnaire: 'http://loinc.org/96777-8/' }],
    [
      'a contained Questionnaire',
      {
        questionnaire: '#f',
        contained: [{ resourceType: 'Questionnaire', id: 'f', url: `http://loinc.org/q/${ahc}` }],
      },
    ],
  ])('%s', (_title, change) => {
    expect(observationsOf(run(form(ahc, hungry, change)).transaction)).toEqual([
      'POST 88122-7 LA28397-0 POS',
    ]);
  });

  it('the panel that its group is called by', () => {
    const often = [{ valueCoding: { system: loinc, code: 'LA28397-0' } }];
    const inside = ['/88122-7', '/88123-5'].map((linkId) => ({ linkId, answer: often }));
    const grouped = (panel: string) =>
      form(
        '',
        {},
        { questionnaire: 'https://site.example/7', item: [{ linkId: `/${panel}`, item: inside }] },
      );
    expect(observationsOf(run(grouped(ahc)).transaction)).toHaveLength(2);
    expect(observationsOf(run(grouped(hvs)).transaction)).toHaveLength(3);
  });
});

it('in a form that nothing names, an answer is of the instrument that lists it', () => {
  const mixed = { '93030-5': 'LA33-6', '67875-5': 'LA17956-6', '93031-3': 'LA30126-9' };
  const { transaction, issues } = run(form('', mixed, { questionnaire: 'https://site.example/7' }));
  expect(conditionsOf(transaction)).toEqual([
    'POST employment-status 73438004 Z56.0',
    'POST material-hardship 1230283000 Z59.87',
    ride,
  ]);
  expect(issuesOf(issues)).toEqual([]);
  expect(issuesOf(run(form('93025-5', mixed)).issues)).toEqual([
    'warning unmapped-answer [1].resource.item[0].answer[0]',
  ]);
});

describe('which question it is', () => {
  const text =
    'In the past 12 months, has lack of reliable transportation kept you from medical appointments, meetings, work or from getting things needed for daily living?';
  it.each([['loinc:93030-5'], ['LOINC_93030-5'], ['q.93030-5'], ['AHC93030-5']])(
    'a linkId that ends in its code: %s',
    (linkId) => {
      expect(
        conditionsOf(run(form(ahc, {}, { item: [{ linkId, answer: [yes] }] })).transaction),
      ).toEqual([ride]);
    },
  );

  it.each([['1-2'], ['7.4'], ['transport']])(
    'its words, where the linkId ends in no question’s code: %s',
    (linkId) => {
      const item = [{ linkId, text, answer: [yes] }];
      for (const questionnaire of [`http://loinc.org/q/${ahc}`, undefined])
        expect(conditionsOf(run(form(ahc, {}, { item, questionnaire })).transaction)).toEqual([
          ride,
        ]);
    },
  );
});

describe('a panel', () => {
  it('of nobody’s code is read by the questions of its components', () => {
    const parts = [component('93030-5', 'LA33-6'), component('12345-6', 'LA33-6')];
    for (const change of [{}, { code: { text: 'Our own screening' } }]) {
      const { transaction, issues } = run(
        observation('o1', '99999-9', {}, { component: parts, ...change }),
      );
      expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
        [ride],
        ['warning unmapped-question [1].resource.component[1]'],
      ]);
    }
  });

  it('may contain its members', () => {
    const contained = [
      observation('a', '93030-5', 'LA33-6'),
      observation('b', '96779-4', 'LA33-6', { status: 'preliminary' }),
    ];
    const { transaction, issues } = run(
      observation(
        'o1',
        ahc,
        {},
        { contained, hasMember: [{ reference: '#a' }, { reference: '#b' }] },
      ),
    );
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
      [ride],
      ['information not-coded [1].resource.contained[1]'],
    ]);
    expect(transaction[0]?.resource).toMatchObject({
      derivedFrom: [{ reference: 'Observation/o1' }],
    });
    const wrong = run(
      observation(
        'o1',
        ahc,
        {},
        { contained: [observation('a', '93030-5', 'LA99-9')], hasMember: [{ reference: '#a' }] },
      ),
    );
    expect(issuesOf(wrong.issues)).toEqual(['warning unmapped-answer [1].resource.contained[0]']);
  });

  it('that was entered in error takes its members with it, unless another panel holds them', () => {
    const held = (id: string, status: string) =>
      observation(id, ahc, {}, { status, hasMember: [{ reference: 'Observation/a' }] });
    const member = observation('a', '93030-5', 'LA33-6');
    const { transaction, issues } = run(held('p', 'entered-in-error'), member);
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
      [],
      ['information not-coded [1].resource', 'information not-coded [2].resource'],
    ]);
    expect(
      conditionsOf(run(held('p', 'entered-in-error'), held('p2', 'final'), member).transaction),
    ).toEqual([ride]);
  });

  it('that says again what a member says: the member is kept, whatever it is called', () => {
    for (const id of ['a', 'z']) {
      const panel = observation(
        'p',
        ahc,
        {},
        {
          component: [component('93030-5', 'LA33-6')],
          hasMember: [{ reference: `Observation/${id}` }],
        },
      );
      expect(observationsOf(run(panel, observation(id, '93030-5', 'LA33-6')).transaction)).toEqual([
        'PUT 93030-5 LA33-6 POS',
      ]);
    }
  });

  it('may name the form that it was made of as its member', () => {
    const { issues } = run(
      form(ahc, { '93030-5': 'LA33-6' }),
      observation('o1', ahc, {}, { hasMember: [{ reference: 'QuestionnaireResponse/q1' }] }),
    );
    expect(issuesOf(issues)).toEqual([]);
  });
});

it('each entry has a name of its own, and no list is empty', () => {
  const stated = {
    '88124-3': ['LA19952-3', 'LA19983-8'],
    '88122-7': 'LA28397-0',
    '88123-5': 'LA28397-0',
  };
  const names = run(form(hvs, stated)).transaction.map((one) => one.fullUrl);
  expect(new Set(names).size).toBe(names.length);
  const { id: _id, ...nameless } = form(ahc, { '93030-5': 'LA33-6' });
  const { transaction } = code({
    resourceType: 'Bundle',
    entry: [
      { resource: patient() },
      { fullUrl: 'urn:uuid:9d4a1f4e-0000-4000-8000-000000000002', resource: nameless },
    ],
  });
  expect(transaction.length).toBeGreaterThan(1);
  expect(JSON.stringify(transaction)).not.toContain('[]');
});

describe('one identifier', () => {
  const named = (id: string, answer: string, change: object = {}) =>
    observation(id, '93030-5', answer, { identifier: [{ system: 's', value: 'v' }], ...change });
  it('with two answers, and nothing that tells the later one: they contradict', () => {
    const { transaction, issues } = run(named('a', 'LA33-6'), named('b', 'LA32-8'));
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
      [],
      ['warning contradiction [1].resource'],
    ]);
  });

  it('with one answer, or with a later version, counts once', () => {
    expect(issuesOf(run(named('a', 'LA33-6'), named('b', 'LA33-6')).issues)).toEqual([
      'information not-coded [2].resource',
    ]);
    const later = named('b', 'LA32-8', { meta: { lastUpdated: '2026-06-01T00:00:00Z' } });
    expect(
      issuesOf(
        run(named('a', 'LA33-6', { meta: { lastUpdated: '2026-05-05T00:00:00Z' } }), later).issues,
      ),
    ).toEqual(['information not-coded [1].resource']);
  });
});

describe('a time that is no FHIR dateTime', () => {
  it.each([
    ['2026-05-04T10:00', '2026-05-04'],
    ['2026-05-04T10:00:00', '2026-05-04'],
    ['2026-05-04T10:00Z', '2026-05-04T10:00:00Z'],
  ])('%s is written as %s, and said', (given, written) => {
    const { transaction, issues } = run(
      form(ahc, { '93030-5': 'LA33-6' }, { authored: given }),
      observation('o1', '96779-4', 'LA33-6', { effectiveDateTime: given }),
    );
    const times = transaction.flatMap(({ resource }) => {
      const { effectiveDateTime, recordedDate } = resource as fhir4.Observation & fhir4.Condition;
      return [effectiveDateTime, recordedDate].filter((one) => one !== undefined);
    });
    expect(times).toEqual([written, written, written, written]);
    expect(issuesOf(issues)).toEqual([
      'information mended [1].resource.authored',
      'information mended [2].resource.effectiveDateTime',
    ]);
  });

  const evening = '2026-09-30T23:40:00';
  const inChicago = (input: unknown) => code(input, { timeZone: 'America/Chicago' });

  it.each<[string, ReturnType<typeof patient>, string]>([
    ['a form', form(ahc, { '93030-5': 'LA33-6' }, { authored: evening }), 'authored'],
    [
      'an Observation',
      observation('o1', '93030-5', 'LA33-6', { effectiveDateTime: '2026-09-30 23:40' }),
      'effectiveDateTime',
    ],
    [
      'a period',
      observation('o1', '93030-5', 'LA33-6', {
        effectiveDateTime: undefined,
        effectivePeriod: { start: evening },
      }),
      'effectivePeriod.start',
    ],
  ])('has the zone of the site where that is set: %s', (_what, carrier, place) => {
    const { transaction, issues } = inChicago(
      JSON.parse(JSON.stringify(bundle(patient(), carrier))),
    );
    const needs = transaction.flatMap(({ resource }) =>
      resource?.resourceType === 'Condition' ? [resource as fhir4.Condition] : [],
    );
    expect(needs.map((one) => one.recordedDate)).toEqual(['2026-09-30T23:40:00-05:00']);
    expect(issuesOf(issues)).toEqual([`information mended [1].resource.${place}`]);
  });

  it('has it not where it is written with an offset, or is a day', () => {
    for (const time of ['2026-05-04T10:00:00Z', '2026-05-04', '2026-05'])
      expect(
        issuesOf(
          inChicago(bundle(patient(), form(ahc, { '93030-5': 'LA33-6' }, { authored: time })))
            .issues,
        ),
      ).toEqual([]);
  });
});

describe('when an Observation was answered', () => {
  const timed = (effectiveTiming: unknown) =>
    observation('o1', '93030-5', 'LA33-6', { effectiveDateTime: undefined, effectiveTiming });
  it('is the one event of a Timing', () => {
    expect(conditionsOf(run(timed({ event: ['2026-05-04T10:00:00-05:00'] })).transaction)).toEqual([
      ride,
    ]);
  });

  it.each([
    { event: ['2026-05-04', '2026-05-05'] },
    { event: [] },
    { event: [7] },
    {},
    { code: { text: 'daily' } },
  ])('is not told by %j', (timing) => {
    const { transaction, issues } = run(timed(timing));
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
      [],
      ['warning missing-data [1].resource'],
    ]);
  });
});
