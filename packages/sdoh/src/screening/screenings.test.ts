import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { describe, expect, it } from 'vitest';
import { type PersonRecord, screeningsOf } from '../index.ts';

const base = 'https://ehr.example.org/fhir';
const loinc = 'http://loinc.org';
const at = '2026-05-04T10:00:00-05:00';
const coded = (code: string) => ({ coding: [{ system: loinc, code }] });
const category = (
  code: string,
  system = 'http://terminology.hl7.org/CodeSystem/observation-category',
) => [{ coding: [{ system, code }] }];

function observation(id: string, question: string, change: object = {}): fhir4.Observation {
  const value =
    'hasMember' in change || 'component' in change ? {} : { valueCodeableConcept: coded('LA33-6') };
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: category('survey'),
    code: coded(question),
    effectiveDateTime: at,
    ...value,
    ...change,
  };
}

function form(id: string, change: object = {}): fhir4.QuestionnaireResponse {
  const item = [
    { linkId: '/93030-5', answer: [{ valueCoding: { system: loinc, code: 'LA33-6' } }] },
  ];
  return {
    resourceType: 'QuestionnaireResponse',
    id,
    status: 'completed',
    questionnaire: 'http://loinc.org/q/96777-8',
    authored: at,
    item,
    ...change,
  };
}

function read(change: Partial<PersonRecord>) {
  const record: PersonRecord = {
    tenant: 'org',
    connection: 'ehr',
    base,
    person: 'p',
    encounters: [],
    responses: [],
    observations: [],
    conditions: [],
    made: [],
    ...change,
  };
  return screeningsOf(record, instruments).map((one) => ({
    is: `${one.instrumentId}${one.quarantine ? ` ${one.quarantine}` : ''}`,
    sources: one.sources,
    answers: one.answers.map(
      (answer) => `${answer.question} ${answer.code ?? answer.text ?? answer.absent ?? ''}`,
    ),
    from: one.answers.map((answer) => `${answer.source} ${answer.place}`.trim()),
  }));
}

const kinds = (change: Partial<PersonRecord>) => read(change).map((one) => one.is);
const ref = (id: string) => ({ reference: `Observation/${id}` });

describe('what is a screening', () => {
  it.each<[string, fhir4.CodeableConcept[] | undefined, boolean]>([
    ['survey', category('survey'), true],
    ['social history', category('social-history'), true],
    [
      'US Core sdoh',
      category('sdoh', 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category'),
      true,
    ],
    ['one of several', [...category('laboratory'), ...category('survey')], true],
    ['laboratory', category('laboratory'), false],
    ['none, for its question tells', undefined, true],
  ])('an Observation of category %s', (_title, which, expected) => {
    expect(kinds({ observations: [observation('o', '93030-5', { category: which })] })).toEqual(
      expected ? ['ahc-hrsn'] : [],
    );
  });

  it('not an Observation of a question that nobody here knows, nor one of another code system', () => {
    expect(
      kinds({
        observations: [
          observation('o', '72166-2'),
          observation('p', '93030-5', {
            code: { coding: [{ system: 'urn:local', code: '93030-5' }] },
          }),
        ],
      }),
    ).toEqual([]);
  });

  it('an Observation whose question is one of several codes', () => {
    const code = {
      coding: [
        { system: loinc, code: '99999-9' },
        { system: loinc, code: '93030-5' },
        { system: 'urn:local', code: 'ride' },
      ],
    };
    expect(read({ observations: [observation('o', '', { code })] })).toMatchObject([
      { is: 'ahc-hrsn', answers: ['93030-5 LA33-6'] },
    ]);
  });
});

describe('the instrument of a form', () => {
  const withLinks = (...links: string[]) => ({
    questionnaire: undefined,
    item: links.map((linkId) => ({
      linkId,
      answer: [{ valueCoding: { system: loinc, code: 'LA28397-0' } }],
    })),
  });
  it.each<[string, object, string]>([
    ['by its canonical', {}, 'ahc-hrsn'],
    [
      'by its canonical with a version',
      { questionnaire: 'http://loinc.org/q/93025-5|2.73' },
      'prapare',
    ],
    [
      'by its canonical with a part',
      { questionnaire: 'http://loinc.org/q/93025-5#item' },
      'prapare',
    ],
    [
      'by the guide’s canonical',
      {
        ...withLinks('/88122-7'),
        questionnaire:
          'http://hl7.org/fhir/us/sdoh-clinicalcare/Questionnaire/SDOHCC-QuestionnaireHungerVitalSign|3.0.0',
      },
      'hunger-vital-sign',
    ],
    ['by its questions, where no canonical is given', { questionnaire: undefined }, 'ahc-hrsn'],
    [
      'by its questions, where the canonical is the site’s own',
      { questionnaire: 'https://ehr.example.org/Questionnaire/17' },
      'ahc-hrsn',
    ],
    ['by its two questions about food', withLinks('/88122-7', '/88123-5'), 'hunger-vital-sign'],
    [
      'by linkIds of every shape',
      withLinks('88122-7', '/group/88123-5', 'http://loinc.org/88122-7'),
      'hunger-vital-sign',
    ],
    [
      'by the definition of its items',
      {
        questionnaire: undefined,
        item: [
          {
            linkId: 'q1',
            definition: 'http://loinc.org/96779-4',
            answer: [{ valueCoding: { system: loinc, code: 'LA32002-0' } }],
          },
        ],
      },
      'ahc-hrsn',
    ],
    [
      'by the questions that are known, beside others',
      withLinks('/88122-7', 'name'),
      'hunger-vital-sign',
    ],
    ['unknown: it is quarantined', withLinks('/12345-6', 'name'), 'unknown unknown-instrument'],
    [
      'empty and unnamed: it is quarantined',
      { questionnaire: undefined, item: undefined },
      'unknown unknown-instrument',
    ],
    ['without a date: it is quarantined', { authored: undefined }, 'ahc-hrsn missing-authored'],
    [
      'with a date that is none: it is quarantined',
      { authored: 'yesterday' },
      'ahc-hrsn missing-authored',
    ],
    ['items that are no list: it is quarantined', { item: {} }, 'ahc-hrsn malformed-resource'],
  ])('%s', (_title, change, expected) => {
    expect(kinds({ responses: [form('r', change)] })).toEqual([expected]);
  });

  it('nests groups in answers and answers in groups', () => {
    const inner = {
      linkId: '/g/93030-5',
      answer: [
        {
          valueCoding: { system: loinc, code: 'LA33-6' },
          item: [
            { linkId: '/g/96779-4', answer: [{ valueCoding: { system: loinc, code: 'LA32-8' } }] },
          ],
        },
      ],
    };
    expect(
      read({ responses: [form('r', { item: [{ linkId: '/g', item: [inner] }] })] }),
    ).toMatchObject([
      {
        answers: ['93030-5 LA33-6', '96779-4 LA32-8'],
        from: [
          'QuestionnaireResponse/r item[0].item[0].answer[0]',
          'QuestionnaireResponse/r item[0].item[0].answer[0].item[0].answer[0]',
        ],
      },
    ]);
  });
});

describe('the instrument of Observations', () => {
  const food = (id: string, question: string, change: object = {}) =>
    observation(id, question, { valueCodeableConcept: coded('LA28397-0'), ...change });
  it.each<[string, fhir4.Observation[], string[]]>([
    [
      'the two about food alone are Hunger Vital Sign',
      [food('a', '88122-7'), food('b', '88123-5')],
      ['hunger-vital-sign'],
    ],
    [
      'the two about food beside transport are AHC',
      [food('a', '88122-7'), food('b', '88123-5'), observation('c', '93030-5')],
      ['ahc-hrsn'],
    ],
    [
      'transport with the answers of PRAPARE is PRAPARE',
      [observation('a', '93030-5', { valueCodeableConcept: coded('LA30133-5') })],
      ['prapare'],
    ],
    [
      'the living situation belongs to the instrument that lists the answer',
      [observation('a', '71802-3', { valueCodeableConcept: coded('LA30190-5') })],
      ['prapare'],
    ],
    [
      'two instruments at one instant are two screenings',
      [observation('a', '96779-4'), observation('b', '93033-9')],
      ['ahc-hrsn', 'prapare'],
    ],
    [
      'two instants are two screenings',
      [
        observation('a', '96779-4'),
        observation('b', '93030-5', { effectiveDateTime: '2026-05-05' }),
      ],
      ['ahc-hrsn', 'ahc-hrsn'],
    ],
    [
      'one instant written twice is one',
      [
        observation('a', '96779-4'),
        observation('b', '93030-5', { effectiveDateTime: '2026-05-04T15:00:00.000Z' }),
      ],
      ['ahc-hrsn'],
    ],
    [
      'a period counts from its start',
      [
        observation('a', '96779-4', {
          effectiveDateTime: undefined,
          effectivePeriod: { start: at },
        }),
        observation('b', '93030-5'),
      ],
      ['ahc-hrsn'],
    ],
    [
      'without an effective time the time of issue counts',
      [
        observation('a', '96779-4', { effectiveDateTime: undefined, issued: at }),
        observation('b', '93030-5'),
      ],
      ['ahc-hrsn'],
    ],
    [
      'without any time each is quarantined by itself',
      [
        observation('a', '96779-4', { effectiveDateTime: undefined }),
        observation('b', '93030-5', { effectiveDateTime: undefined }),
      ],
      ['ahc-hrsn missing-authored', 'ahc-hrsn missing-authored'],
    ],
  ])('%s', (_title, observations, expected) => {
    expect(kinds({ observations })).toEqual(expected);
    expect(kinds({ observations: [...observations].reverse() })).toEqual(expected);
  });
});

describe('panels', () => {
  it('bind their members to their instrument, those of grouping Observations too', () => {
    const group = observation('g', '93030-5', { hasMember: [ref('a')] });
    const panel = observation('p', '96777-8', {
      hasMember: [ref('g'), { reference: `${base}/Observation/b` }],
    });
    const observations = [
      observation('a', '88122-7', { valueCodeableConcept: coded('LA28397-0') }),
      observation('b', '93030-5'),
      panel,
      group,
    ];
    const whole = read({ observations });
    expect(whole).toMatchObject([
      { is: 'ahc-hrsn', answers: ['88122-7 LA28397-0', '93030-5 LA33-6'] },
    ]);
    expect(read({ observations: [...observations].reverse() })).toEqual(whole);
  });

  it.each(['a', 'z'])('within panels keep their own members, whatever their id (%s)', (id) => {
    const inner = observation(id, '88121-9', { hasMember: [ref('q')] });
    const outer = observation('m', '96777-8', { hasMember: [ref(id), ref('b')] });
    const observations = [
      observation('q', '88122-7', { valueCodeableConcept: coded('LA28397-0') }),
      observation('b', '93030-5'),
      outer,
      inner,
    ];
    expect(read({ observations }).map((one) => [one.is, one.answers])).toEqual([
      ['ahc-hrsn', ['93030-5 LA33-6']],
      ['hunger-vital-sign', ['88122-7 LA28397-0']],
    ]);
  });

  it('may name each other in a ring, members that are not there, and members of another server', () => {
    const one = observation('a', '96777-8', {
      hasMember: [
        ref('b'),
        ref('gone'),
        { reference: 'https://elsewhere.example.org/fhir/Observation/c' },
      ],
    });
    const other = observation('b', '93030-5', {
      hasMember: [ref('a')],
      valueCodeableConcept: coded('LA33-6'),
    });
    expect(read({ observations: [one, other] })).toMatchObject([
      { is: 'ahc-hrsn', sources: ['Observation/a', 'Observation/b'], answers: ['93030-5 LA33-6'] },
    ]);
  });

  it('lend their time to members that have none, and leave the others theirs', () => {
    const panel = observation('p', '96777-8', { hasMember: [ref('a'), ref('b')] });
    const observations = [
      panel,
      observation('a', '93030-5', { effectiveDateTime: undefined }),
      observation('b', '96779-4', { effectiveDateTime: '2026-05-01' }),
    ];
    expect(read({ observations }).map((one) => one.answers)).toEqual([
      ['96779-4 LA33-6'],
      ['93030-5 LA33-6'],
    ]);
  });

  it('read components as answers', () => {
    const component = [
      { code: coded('93030-5'), valueCodeableConcept: coded('LA33-6') },
      { code: coded('96779-4'), dataAbsentReason: { coding: [{ code: 'asked-declined' }] } },
    ];
    expect(read({ observations: [observation('p', '96777-8', { component })] })).toMatchObject([
      {
        is: 'ahc-hrsn',
        answers: ['93030-5 LA33-6', '96779-4 asked-declined'],
        from: ['Observation/p component[0]', 'Observation/p component[1]'],
      },
    ]);
  });
});

describe('the same answer twice', () => {
  it('counts once, by form and Observation; the Observation stands for it', () => {
    expect(
      read({ responses: [form('r')], observations: [observation('o', '93030-5')] }),
    ).toMatchObject([
      {
        is: 'ahc-hrsn',
        sources: ['Observation/o', 'QuestionnaireResponse/r'],
        from: ['Observation/o'],
      },
    ]);
  });

  it('counts once, by two writings; the clean one stands for it', () => {
    const observations = [
      observation('a', '93030-5', { valueCodeableConcept: coded('la33-6 ') }),
      observation('b', '93030-5'),
    ];
    expect(read({ observations })).toMatchObject([{ from: ['Observation/b'] }]);
  });

  it('a quarantined form does not take the Observations of its instant with it', () => {
    expect(
      kinds({
        responses: [form('r', { item: 'x' })],
        observations: [observation('o', '93030-5')],
      }).sort(),
    ).toEqual(['ahc-hrsn', 'ahc-hrsn malformed-resource']);
  });
});
