import { describe, expect, it } from 'vitest';
import {
  at,
  bundle,
  code,
  condition,
  conditionsOf,
  form,
  issuesOf,
  loinc,
  observation,
  observationsOf,
  patient,
  screenedOf,
} from '../../test/bundles.ts';

const ahc = '96777-8';
const prapare = '93025-5';
const run = (...resources: Parameters<typeof bundle>) => code(bundle(patient(), ...resources));
const coding = (code: string, change: object = {}) => ({
  valueCoding: { system: loinc, code, ...change },
});

describe('a Bundle', () => {
  it('of the contract gives a new need, evidence for one on file, and a person something to read', () => {
    const { transaction, issues, parameters } = run(
      form(ahc, { '96778-6': 'LA32000-4', '93030-5': 'LA33-6', '96779-4': 'they call a lot' }),
      condition('c7', 'transportation-insecurity', '551691000124106'),
    );
    expect(parameters.id).toBe('b-1');
    expect(conditionsOf(transaction)).toEqual([
      'POST inadequate-housing 1197640002 Z59.19',
      'PUT transportation-insecurity 551691000124106 -',
    ]);
    expect(observationsOf(transaction)).toEqual([
      'POST 93030-5 LA33-6 POS',
      'POST 96778-6 LA32000-4 POS',
      'POST 96779-4 they call a lot',
    ]);
    expect(issuesOf(issues)).toEqual(['warning unmapped-answer [1].resource.item[2].answer[0]']);
    expect(screenedOf(issues)).toEqual({
      'inadequate-housing': 'screened',
      'transportation-insecurity': 'screened',
      'utility-insecurity': 'screened-unmapped',
    });
  });

  it('refers to what is new by urn:uuid, and each reference leads somewhere', () => {
    const { transaction } = run(
      form('88121-9', { '88122-7': 'LA28397-0', '88123-5': 'LA28398-8' }),
      observation('o1', '93030-5', 'LA33-6'),
    );
    const names = new Set(transaction.map((one) => one.fullUrl));
    const told = JSON.stringify(transaction).match(/urn:uuid:[0-9a-f-]{36}/g) ?? [];
    expect(told.length).toBeGreaterThan(names.size);
    for (const one of told) expect(names).toContain(one);
    expect(new Set(transaction.map((one) => one.fullUrl)).size).toBe(transaction.length);
  });

  it('gives POST an identifier and a condition on it, PUT a version where there was one', () => {
    const { transaction } = run(
      form(ahc, { '96778-6': 'LA32000-4' }),
      observation('o1', '93030-5', 'LA33-6', { meta: { versionId: '3' } }),
      observation('o2', '96779-4', 'LA32-8'),
    );
    for (const { request, resource } of transaction) {
      if (request?.method !== 'POST' || resource?.resourceType === 'Provenance') continue;
      const [own] = (resource as unknown as { identifier: { system: string; value: string }[] })
        .identifier;
      expect(request.ifNoneExist).toBe(
        `identifier=${encodeURIComponent(`${own?.system}|${own?.value}`)}`,
      );
    }
    const puts = transaction
      .filter((one) => one.request?.method === 'PUT')
      .map((one) => [one.request?.url, one.request?.ifMatch]);
    expect(puts).toEqual([
      ['Observation/o1', 'W/"3"'],
      ['Observation/o2', undefined],
    ]);
  });

  it('comes out the same byte for byte, in whatever order it came in', () => {
    const some = [
      patient(),
      form(ahc, { '96778-6': ['LA32000-4', 'LA28580-1'], '71802-3': 'LA31994-9' }),
      observation('o1', '93030-5', 'LA33-6'),
      condition('c7', 'transportation-insecurity', '551691000124106'),
    ];
    const text = (input: unknown) => JSON.stringify(code(input).transaction);
    expect(text(bundle(...some))).toBe(text(bundle(...some)));
    expect(text(bundle(...some.reverse()))).toBe(text(bundle(...some)));
  });

  it('that is none gets an error and nothing else', () => {
    for (const input of [null, [], 7, 'x', {}, { resourceType: 'Patient', id: 'p' }]) {
      const { parameters, issues } = code(input);
      expect(parameters.parameter?.map((one) => one.name)).toEqual(['issues']);
      expect(issues.map((one) => one.severity)).toEqual(['error']);
    }
  });
});

describe('questions and answers', () => {
  it.each<
    [
      string,
      Parameters<typeof bundle>,
      { conditions?: string[]; issues?: string[]; observations?: string[] },
    ]
  >([
    [
      'by linkId and text alone',
      [form('', { '93030-5': 'Yes' }, { questionnaire: undefined })],
      {
        conditions: ['POST transportation-insecurity 551691000124106 Z59.82'],
        issues: ['information mended [1].resource.item[0].answer[0]'],
      },
    ],
    [
      'by their wording, in a form of the site’s own',
      [
        form(
          '',
          {},
          {
            questionnaire: 'https://site.example/forms/7',
            item: [
              {
                linkId: 'a',
                text: 'What is your living situation today?',
                answer: [coding('LA31995-6')],
              },
              {
                linkId: 'b',
                text: '2. In the past 12 months has the electric, gas, oil, or water company threatened to shut off services in your home?',
                answer: [{ valueString: 'already shut off' }],
              },
            ],
          },
        ),
      ],
      {
        conditions: ['POST homelessness 32911000 Z59.00', 'POST utility-insecurity - Z59.12'],
        issues: ['information mended [1].resource.item[1].answer[0]'],
      },
    ],
    [
      'in components of a panel',
      [
        observation(
          'o1',
          ahc,
          {},
          {
            component: [
              {
                code: { coding: [{ system: loinc, code: '93030-5' }] },
                valueCodeableConcept: { coding: [{ system: loinc, code: 'LA33-6' }] },
              },
              { code: { coding: [{ system: loinc, code: '12345-6' }] }, valueString: 'x' },
            ],
          },
        ),
      ],
      {
        conditions: ['POST transportation-insecurity 551691000124106 Z59.82'],
        observations: ['POST 93030-5 LA33-6 POS'],
        issues: ['warning unmapped-question [1].resource.component[1]'],
      },
    ],
    [
      'of more than one instrument in one form',
      [form(ahc, { '93030-5': 'LA32-8', '97027-7': 'LA33-6' })],
      { conditions: [], issues: [], observations: ['POST 93030-5 LA32-8', 'POST 97027-7 LA33-6'] },
    ],
    [
      'several LOINC answers in one value',
      [
        observation('o1', '96778-6', {
          valueCodeableConcept: {
            coding: ['LA28580-1', 'LA31998-0'].map((one) => ({ system: loinc, code: one })),
          },
        }),
      ],
      {
        conditions: [
          'POST inadequate-housing 105535008 Z59.11',
          'POST inadequate-housing 224255009 Z59.19',
        ],
      },
    ],
    [
      'of a question that nobody knows',
      [observation('o1', '12345-6', 'LA33-6')],
      { conditions: [], issues: ['warning unmapped-question [1].resource'], observations: [] },
    ],
    [
      'of a form that nobody knows',
      [form('12345-6', { '54321-9': 'LA33-6' })],
      {
        conditions: [],
        issues: ['warning unmapped-question [1].resource.item[0].answer[0]'],
        observations: [],
      },
    ],
    [
      'without a code system: nothing is guessed',
      [form(ahc, { '93030-5': { valueCoding: { code: 'LA33-6' } } })],
      { conditions: [], issues: ['warning missing-data [1].resource.item[0].answer[0]'] },
    ],
    [
      'with the OID of LOINC and blanks: mended',
      [
        form(ahc, {
          '93030-5': { valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.1', code: ' la33-6 ' } },
        }),
      ],
      {
        conditions: ['POST transportation-insecurity 551691000124106 Z59.82'],
        issues: ['information mended [1].resource.item[0].answer[0]'],
      },
    ],
    [
      'a code whose words say something else',
      [form(ahc, { '93030-5': coding('LA33-6', { display: 'No' }) })],
      { conditions: [], issues: ['warning contradiction [1].resource.item[0].answer[0]'] },
    ],
    [
      'a hazard beside none of the above: the hazard counts',
      [form(ahc, { '96778-6': ['LA28580-1', 'LA9-3'] })],
      {
        conditions: ['POST inadequate-housing 224255009 Z59.19'],
        issues: ['warning contradiction [1].resource.item[0].answer[0]'],
      },
    ],
    [
      'a value beside a reason for its absence',
      [
        observation('o1', '93030-5', 'LA33-6', {
          dataAbsentReason: { coding: [{ code: 'unknown' }] },
        }),
      ],
      { conditions: [], issues: ['warning invalid-value [1].resource'] },
    ],
    [
      'a received NEG that the answer belies',
      [
        observation('o1', '93030-5', 'LA33-6', {
          interpretation: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation',
                  code: 'NEG',
                },
              ],
            },
          ],
        }),
      ],
      {
        conditions: ['POST transportation-insecurity 551691000124106 Z59.82'],
        issues: ['warning contradiction [1].resource'],
      },
    ],
    [
      'preliminary ones wait',
      [observation('o1', '93030-5', 'LA33-6', { status: 'preliminary' })],
      { conditions: [], issues: ['information not-coded [1].resource'], observations: [] },
    ],
    [
      'without a date',
      [form(ahc, { '93030-5': 'LA33-6' }, { authored: undefined })],
      { conditions: [], issues: ['warning missing-data [1].resource'], observations: [] },
    ],
    [
      'a wish for help with work',
      [form('97023-6', { '96780-2': 'LA31981-6' })],
      {
        conditions: [],
        issues: ['warning not-conclusive [1].resource.item[0].answer[0]'],
        observations: ['POST 96780-2 LA31981-6 POS'],
      },
    ],
    [
      'safety is a person’s, at the answer that is grave',
      [form(ahc, { '95617-7': 'LA6270-8', '95616-9': 'LA10066-1' })],
      {
        conditions: [],
        issues: ['warning sensitive [1].resource.item[1].answer[0]'],
        observations: ['POST 95616-9 LA10066-1 R', 'POST 95617-7 LA6270-8 R'],
      },
    ],
    [
      'no housing and worry about it at once: homelessness alone',
      [form(prapare, { '71802-3': 'LA30190-5', '93033-9': 'LA33-6' })],
      {
        conditions: ['POST homelessness 32911000 Z59.00'],
        issues: ['information not-coded [1].resource.item[1].answer[0]'],
      },
    ],
  ])('%s', (_title, resources, expected) => {
    const { transaction, issues } = run(...resources);
    const got = {
      conditions: conditionsOf(transaction),
      issues: issuesOf(issues),
      observations: observationsOf(transaction),
    };
    expect(got).toMatchObject(expected);
  });
});

describe('Conditions on file', () => {
  const rideless = (change: object = {}) => form(ahc, { '93030-5': 'LA33-6' }, change);
  const riding = (change: object = {}) =>
    form(ahc, { '93030-5': 'LA32-8' }, { id: 'q2', authored: '2026-06-04', ...change });
  const onFile = (change: object = {}) =>
    condition('c7', 'transportation-insecurity', '551691000124106', change);
  const refuted = { verificationStatus: { coding: [{ code: 'refuted' }] } };
  it.each<[string, Parameters<typeof bundle>, string[], string[]]>([
    [
      'get evidence and nothing else',
      [rideless(), onFile()],
      ['PUT transportation-insecurity 551691000124106 -'],
      [],
    ],
    [
      'are in doubt when the latest answer is better',
      [riding(), onFile({ recordedDate: '2026-01-01' })],
      [],
      ['warning condition-review [2].resource'],
    ],
    [
      'are not, when it was given before',
      [riding(), onFile({ recordedDate: '2026-07-01' })],
      [],
      [],
    ],
    [
      'that were refuted after the answer stay refuted',
      [rideless(), onFile({ ...refuted, recordedDate: '2026-06-01' })],
      [],
      ['information not-coded [1].resource.item[0].answer[0]'],
    ],
    [
      'that were refuted before the answer give way to a new one',
      [rideless(), onFile({ ...refuted, recordedDate: '2026-01-01' })],
      ['POST transportation-insecurity 551691000124106 Z59.82'],
      [],
    ],
    [
      'of housing instability are in doubt beside new homelessness',
      [
        form(prapare, { '71802-3': 'LA30190-5' }),
        condition('c8', 'housing-instability', '1156191002'),
      ],
      ['POST homelessness 32911000 Z59.00'],
      ['warning condition-review [2].resource'],
    ],
    [
      'that are strengths are in doubt beside a need that speaks against them',
      [rideless(), condition('c9', 'protective-factor', '1137434003')],
      ['POST transportation-insecurity 551691000124106 Z59.82'],
      ['warning condition-review [2].resource'],
    ],
    [
      'whose evidence was entered in error are in doubt',
      [
        observation('o9', '93030-5', 'LA33-6', { status: 'entered-in-error' }),
        onFile({ evidence: [{ detail: [{ reference: 'Observation/o9' }] }] }),
      ],
      [],
      ['information not-coded [1].resource', 'warning condition-review [2].resource'],
    ],
  ])('%s', (_title, resources, conditions, issues) => {
    const result = run(...resources);
    expect(conditionsOf(result.transaction)).toEqual(conditions);
    expect(issuesOf(result.issues)).toEqual(issues);
  });

  it('that were refuted and the new one that follows do not share a name', () => {
    const nameOf = (...resources: Parameters<typeof bundle>) =>
      run(...resources).transaction.find((one) => one.resource?.resourceType === 'Condition')
        ?.request?.ifNoneExist;
    const later = form(
      ahc,
      { '93030-5': 'LA33-6' },
      { id: 'q3', authored: '2026-08-01T10:00:00Z' },
    );
    expect(nameOf(rideless())).toBe(nameOf(rideless()));
    expect(nameOf(later, onFile({ ...refuted, recordedDate: '2026-06-01' }))).not.toBe(
      nameOf(rideless()),
    );
  });
});

describe('what is wrong in a Bundle is said with its place, and the rest is coded', () => {
  const rideless = observation('o1', '93030-5', 'LA33-6');
  it.each<[string, unknown[], string[]]>([
    ['an entry without a resource', [{}], ['warning invalid-value [2]']],
    ['entries that are none', [null, 7], ['error unreadable [2]', 'error unreadable [3]']],
    ['a resource without a type', [{ resource: { id: 'x' } }], ['error unreadable [2].resource']],
    [
      'a type that is not read',
      [{ resource: { resourceType: 'Device', id: 'd' } }],
      ['information not-coded [2].resource'],
    ],
    [
      'a second Patient',
      [{ resource: patient({ id: 'p2' }) }],
      ['warning invalid-value [2].resource'],
    ],
    [
      'somebody else’s answers',
      [
        {
          resource: observation('o2', '96779-4', 'LA33-6', {
            subject: { reference: 'Patient/p9' },
          }),
        },
      ],
      ['warning invalid-value [2].resource'],
    ],
    [
      'a member that is not there',
      [
        {
          resource: observation('o2', ahc, {}, { hasMember: [{ reference: 'Observation/none' }] }),
        },
      ],
      ['warning missing-data [2].resource.hasMember[0]'],
    ],
    ['the same twice', [{ resource: rideless }], ['information not-coded [2].resource']],
    [
      'what is nested without end',
      [{ resource: { ...observation('o2', '96779-4', 'LA33-6'), extension: deep(2_000) } }],
      ['error unreadable [2].resource'],
    ],
    [
      'a form without its shape',
      [{ resource: form(ahc, {}, { item: {} }) }],
      ['error unreadable [2].resource.item'],
    ],
  ])('%s', (_title, entries, issues) => {
    const whole = {
      resourceType: 'Bundle',
      id: 'b',
      entry: [{ resource: patient() }, { resource: rideless }, ...entries],
    };
    const result = code(whole);
    expect(conditionsOf(result.transaction)).toEqual([
      'POST transportation-insecurity 551691000124106 Z59.82',
    ]);
    expect(issuesOf(result.issues)).toEqual(issues);
  });

  it('resources without ids are known by their fullUrl, and made rather than put', () => {
    const { id: _id, ...own } = observation('o1', '93030-5', 'LA33-6', {
      subject: { reference: 'urn:uuid:9d4a1f4e-0000-4000-8000-000000000001' },
    });
    const { id: _patient, ...person } = patient();
    const { transaction } = code({
      resourceType: 'Bundle',
      entry: [
        { fullUrl: 'urn:uuid:9d4a1f4e-0000-4000-8000-000000000001', resource: person },
        { fullUrl: 'urn:uuid:9d4a1f4e-0000-4000-8000-000000000002', resource: own },
      ],
    });
    const [first, second] = transaction;
    expect([first?.request?.method, first?.fullUrl]).toEqual([
      'POST',
      'urn:uuid:9d4a1f4e-0000-4000-8000-000000000002',
    ]);
    expect(first?.request?.ifNoneExist).toMatch(/^identifier=/);
    expect(second?.resource).toMatchObject({
      evidence: [{ detail: [{ reference: first?.fullUrl }] }],
    });
  });
});

function deep(levels: number): object {
  let one: object = { at };
  for (let n = 0; n < levels; n += 1) one = { extension: [one] };
  return one;
}
