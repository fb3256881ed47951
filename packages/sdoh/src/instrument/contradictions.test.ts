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
  screenedOf,
} from '../../test/bundles.ts';

const [ahc, prapare, supplemental] = ['96777-8', '93025-5', '97023-6'];
const run = (...resources: Parameters<typeof bundle>) => code(bundle(patient(), ...resources));
const first = '[1].resource.item[0].answer[0]';
const said = (code: string, display: string) => ({ valueCoding: { system: loinc, code, display } });
const flagged = (id: string, question: string, answer: unknown, flag: string) => {
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
  return observation(id, question, answer, {
    interpretation: [{ coding: [{ system, code: flag }] }],
  });
};

describe('a code and the words beside it', () => {
  it.each([
    ['LA33-6', 'Yes, the bus was cut', 'agree'],
    ['LA33-6', 'Positive', 'agree'],
    ['LA32-8', 'No need', 'agree'],
    ['LA33-6', 'No problem', 'disagree'],
    ['LA33-6', 'Often true', 'disagree'],
    ['LA32-8', 'yes.', 'disagree'],
  ])('%s “%s” %s', (answer, words, what) => {
    const { transaction, issues } = run(form(ahc, { '93030-5': said(answer, words) }));
    expect(issuesOf(issues)).toEqual(what === 'agree' ? [] : [`warning contradiction ${first}`]);
    expect(conditionsOf(transaction)).toHaveLength(what === 'agree' && answer === 'LA33-6' ? 1 : 0);
  });

  it.each([
    ['71802-3', 'LA31995-6', 'I have a steady place', 'disagree'],
    ['71802-3', 'LA31994-9', 'I have a place to live today', 'agree'],
    ['88122-7', 'LA28397-0', 'Often', 'agree'],
    ['88122-7', 'LA28397-0', 'Never', 'disagree'],
    ['96779-4', 'LA32002-0', 'Yes, already shut off', 'agree'],
  ])('%s %s “%s” %s', (question, answer, words, what) => {
    const { issues } = run(form(ahc, { [question]: said(answer, words), '95614-4': 4 }));
    expect(issuesOf(issues)).toEqual(what === 'agree' ? [] : [`warning contradiction ${first}`]);
  });
});

describe('a question’s code and the words beside it', () => {
  const housing = 'What is your living situation today?';
  it('that are another question’s: nothing follows, and a person looks', () => {
    const item = [{ linkId: '/93030-5', text: housing, answer: [said('LA33-6', 'Yes')] }];
    const told = observation('o1', '93030-5', 'LA33-6', {
      code: { coding: [{ system: loinc, code: '93030-5', display: housing }] },
    });
    const { transaction, issues } = run(form(ahc, {}, { item }));
    expect([conditionsOf(transaction), issuesOf(issues)]).toEqual([
      [],
      [`warning contradiction ${first}`],
    ]);
    expect([conditionsOf(run(told).transaction), issuesOf(run(told).issues)]).toEqual([
      [],
      ['warning contradiction [1].resource'],
    ]);
  });

  it('two codes of two questions: nothing follows; two of one topic are one question', () => {
    const asked = (...codes: string[]) =>
      observation('o1', '', 'LA33-6', {
        code: { coding: codes.map((one) => ({ system: loinc, code: one })) },
      });
    const two = run(asked('93030-5', '96779-4'));
    expect([conditionsOf(two.transaction), issuesOf(two.issues)]).toEqual([
      [],
      ['warning contradiction [1].resource'],
    ]);
    expect(issuesOf(run(asked('93030-5', '101351-5')).issues)).toEqual([]);
  });

  it('that it borrowed from another instrument, are its own', () => {
    const display =
      'Has lack of transportation kept you from medical appointments, meetings, work, or from getting things needed for daily living?';
    const told = observation('o1', '101351-5', 'LA30133-5', {
      code: { coding: [{ system: loinc, code: '101351-5', display }] },
    });
    expect([conditionsOf(run(told).transaction).length, issuesOf(run(told).issues)]).toEqual([
      1,
      [],
    ]);
  });

  it('that nobody knows, or that another instrument puts so, say nothing', () => {
    for (const text of ['Rides?', 'Housing status']) {
      const item = [{ linkId: '/71802-3', text, answer: [said('LA31995-6', 'No steady place')] }];
      expect(issuesOf(run(form(ahc, {}, { item })).issues)).toEqual([]);
    }
  });
});

describe('several answers to one question', () => {
  it('“other” and free text speak against none of the others', () => {
    const needs = run(form(prapare, { '93031-3': ['LA30125-1', 'LA46-8'] }));
    expect(conditionsOf(needs.transaction)).toEqual(['POST food-insecurity 733423003 Z59.41']);
    expect(issuesOf(needs.issues)).toEqual([
      'warning unmapped-answer [1].resource.item[0].answer[1]',
    ]);
    const hazards = run(form(ahc, { '96778-6': ['LA28580-1', 'asbestos'] }));
    expect(conditionsOf(hazards.transaction)).toEqual(['POST inadequate-housing 224255009 Z59.19']);
    expect(issuesOf(hazards.issues)).toEqual([
      'warning unmapped-answer [1].resource.item[0].answer[1]',
    ]);
  });

  it('a need beside “no” and beside “unable to respond” does', () => {
    for (const other of ['LA32-8', 'LA30257-2'])
      expect(issuesOf(run(form(prapare, { '93030-5': ['LA30133-5', other] })).issues)).toEqual([
        `warning contradiction ${first}`,
      ]);
  });
});

describe('a received POS', () => {
  it('on an answer that never means a need disagrees; on a score item above the lowest it may be right', () => {
    expect(issuesOf(run(flagged('o1', '56051-6', 'LA33-6', 'POS')).issues)).toEqual([
      'warning contradiction [1].resource',
    ]);
    const beyond = 'information not-coded [1].resource';
    expect(issuesOf(run(flagged('o1', '44250-9', 'LA6568-5', 'POS')).issues)).toEqual([
      beyond,
      'warning contradiction [1].resource',
    ]);
    expect(issuesOf(run(flagged('o1', '44250-9', 'LA6571-9', 'POS')).issues)).toEqual([beyond]);
    expect(issuesOf(run(flagged('o1', '93031-3', 'LA46-8', 'POS')).issues)).toEqual([
      'warning unmapped-answer [1].resource',
    ]);
  });
});

describe('the safety score', () => {
  const total = '[1].resource.item[2].answer[0]';
  it.each([
    [7, []],
    [15, []],
    [16, [`warning contradiction ${total}`]],
    [6, [`warning contradiction ${total}`]],
  ])('stated beside two of its four questions: %d', (stated, contradictions) => {
    // Never and fairly often, and two of one to five each: 7 to 15.
    const { issues } = run(
      form(ahc, { '95617-7': 'LA16644-9', '95616-9': 'LA6270-8', '95614-4': stated }),
    );
    expect(issuesOf(issues)).toEqual([...contradictions, `warning sensitive ${total}`]);
  });

  it('that the answers cannot have flags nothing', () => {
    const { transaction } = run(
      form(ahc, { '95617-7': 'LA6270-8', '95616-9': 'LA6270-8', '95614-4': 20 }),
    );
    expect(observationsOf(transaction)).toContain('POST 95614-4 20 R');
  });

  it('cannot be computed where its questions were put and left blank', () => {
    const item = ['95618-5', '95617-7', '95616-9', '95615-1'].map((one) => ({ linkId: `/${one}` }));
    expect(issuesOf(run(form(ahc, {}, { item })).issues)).toEqual([
      'warning sensitive [1].resource.item[0]',
    ]);
  });

  it('that is less or more than a number is none', () => {
    const { issues } = run(
      observation('o1', '95614-4', { valueQuantity: { value: 11, comparator: '<' } }),
    );
    expect(issuesOf(issues)).toEqual([
      'warning invalid-value [1].resource',
      'warning sensitive [1].resource',
    ]);
  });
});

describe('numbers', () => {
  it.each([
    ['89555-7', 8],
    ['68516-4', -1],
    ['68516-4', 1441],
    ['77594-0', 10_081],
    ['77594-0', 1.5],
  ])('%s cannot be %d', (question, value) => {
    expect(
      issuesOf(run(form(supplemental, { [question]: { valueDecimal: value } })).issues),
    ).toEqual([`information not-coded ${first}`, `warning invalid-value ${first}`]);
  });

  it('a low isolation score is a possible need that no source establishes', () => {
    const scored = (value: number) => run(observation('o1', '76512-3', value));
    expect([0, 1, 2, 4].map((value) => issuesOf(scored(value).issues).length)).toEqual([
      1, 1, 0, 0,
    ]);
    expect(issuesOf(scored(1).issues)).toEqual(['warning not-conclusive [1].resource']);
    expect([conditionsOf(scored(0).transaction), observationsOf(scored(0).transaction)]).toEqual([
      [],
      ['PUT 76512-3 0'],
    ]);
    expect(issuesOf(scored(2.5).issues)).toEqual(['warning invalid-value [1].resource']);
  });

  it('are refused in the instrument’s own words', () => {
    const { issues } = run(form(prapare, { '63512-8': 'LA30122-8', '56799-0': 'LA30122-8' }));
    expect([issuesOf(issues), screenedOf(issues)]).toEqual([
      [],
      { 'sdoh-category-unspecified': 'screened-declined' },
    ]);
  });
});

it('the reason for an absent answer is FHIR’s own among several', () => {
  const own = {
    system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
    code: 'asked-declined',
  };
  const { issues } = run(
    observation('o1', '93030-5', {
      dataAbsentReason: { coding: [{ system: 'urn:site', code: 'REF' }, own] },
    }),
  );
  expect(screenedOf(issues)).toEqual({ 'transportation-insecurity': 'screened-declined' });
});

describe('the interpretation of a panel', () => {
  const system = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
  const flag = (code: string) => ({ interpretation: [{ coding: [{ system, code }] }] });
  const held = (code: string, ...ids: string[]) =>
    observation(
      'p',
      ahc,
      {},
      { ...flag(code), hasMember: ids.map((id) => ({ reference: `Observation/${id}` })) },
    );
  const [yes, no, never] = [
    observation('a', '93030-5', 'LA33-6'),
    observation('a', '93030-5', 'LA32-8'),
    observation('b', '88122-7', 'LA28398-8'),
  ];
  const part = (answer: string) => ({
    code: { coding: [{ system: loinc, code: '93030-5' }] },
    valueCodeableConcept: { coding: [{ system: loinc, code: answer }] },
  });

  it.each<[string, Parameters<typeof bundle>]>([
    ['NEG over a need', [held('NEG', 'a', 'b'), yes, never]],
    [
      'NEG over a need in a panel of the panel',
      [
        held('NEG', 'q'),
        observation('q', ahc, {}, { hasMember: [{ reference: 'Observation/a' }] }),
        yes,
      ],
    ],
    ['POS over answers that all deny', [held('POS', 'a', 'b'), no, never]],
    [
      'NEG over a component',
      [observation('p', ahc, {}, { ...flag('NEG'), component: [part('LA33-6')] })],
    ],
    [
      'POS over components that deny',
      [observation('p', ahc, {}, { ...flag('POS'), component: [part('LA32-8')] })],
    ],
    ['POS in small letters over answers that deny', [held('pos', 'a', 'b'), no, never]],
    ['POS over a refusal', [held('POS', 'a'), observation('a', '93030-5', 'LA30122-8')]],
  ])('%s disagrees: the answers count, and a person is told', (_what, resources) => {
    const { transaction, issues } = run(...resources);
    const isNeed = JSON.stringify(resources).includes('LA33-6');
    expect(conditionsOf(transaction)).toHaveLength(isNeed ? 1 : 0);
    expect(issuesOf(issues)).toEqual(['warning contradiction [1].resource']);
  });

  it.each<[string, Parameters<typeof bundle>]>([
    ['POS over a need', [held('POS', 'a', 'b'), yes, never]],
    ['NEG over answers that deny', [held('NEG', 'a', 'b'), no, never]],
    [
      'POS over what nobody could read',
      [held('POS', 'a', 'b'), no, observation('b', '88122-7', { valueString: 'it depends' })],
    ],
    ['POS over members of which one did not come', [held('POS', 'a', 'x'), no]],
    [
      'both at once',
      [
        observation(
          'p',
          ahc,
          {},
          {
            interpretation: [...flag('POS').interpretation, ...flag('NEG').interpretation],
            hasMember: [{ reference: 'Observation/a' }],
          },
        ),
        no,
      ],
    ],
  ])('%s does not', (_what, resources) => {
    expect(
      issuesOf(run(...resources).issues).filter((one) => one.includes('contradiction')),
    ).toEqual([]);
  });
});
