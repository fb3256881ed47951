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
  suggestionsOf,
} from '../../test/bundles.ts';

/** Cases that once went wrong, or easily would. */
const ahc = '96777-8';
const prapare = '93025-5';
const hvs = '88121-9';
const run = (...resources: Parameters<typeof bundle>) => code(bundle(patient(), ...resources));
const flag = (code: string) => ({
  interpretation: [
    {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation', code },
      ],
    },
  ],
});
const later = (seconds: string) => ({ effectiveDateTime: `2026-05-04T10:00:${seconds}-05:00` });
const ride = 'transportation-insecurity 551691000124106 Z59.82';

type Expected = {
  conditions?: string[];
  issues?: string[];
  observations?: string[];
  screened?: Record<string, string>;
};

describe('hard cases', () => {
  it.each<[string, Parameters<typeof bundle>, Expected]>([
    [
      'two items of one risk, filed seconds apart, are one sitting',
      [
        observation('o1', '88122-7', 'LA28397-0'),
        observation('o2', '88123-5', 'LA28398-8', later('05')),
      ],
      { conditions: ['POST food-insecurity 733423003 Z59.41'], issues: [] },
    ],
    [
      'two hazards, filed seconds apart, are two needs',
      [
        observation('o1', '96778-6', 'LA28580-1'),
        observation('o2', '96778-6', 'LA31996-4', later('03')),
      ],
      {
        conditions: [
          'POST inadequate-housing 1162585007 Z59.19',
          'POST inadequate-housing 224255009 Z59.19',
        ],
      },
    ],
    [
      'the four items of a panel, filed seconds apart, have a total',
      [
        observation(
          'p',
          ahc,
          {},
          {
            hasMember: ['95618-5', '95617-7', '95616-9', '95615-1'].map((one) => ({
              reference: `Observation/o${one}`,
            })),
          },
        ),
        ...['95618-5', '95617-7', '95616-9', '95615-1'].map((one, n) =>
          observation(`o${one}`, one, 'LA6270-8', later(`1${n}`)),
        ),
      ],
      { conditions: [], issues: [] },
    ],
    [
      'what is not ticked elsewhere denies nothing',
      [
        form(hvs, { '88122-7': 'LA28397-0', '88123-5': 'LA28397-0' }, { authored: '2026-01-01' }),
        form(prapare, { '93031-3': 'LA30126-9' }, { id: 'q2', authored: '2026-02-01' }),
      ],
      {
        conditions: [
          'POST food-insecurity 733423003 Z59.41',
          'POST material-hardship 1230283000 Z59.87',
        ],
        issues: [],
      },
    ],
    [
      'what the same question told, and does not tell any more, is denied',
      [
        form(prapare, { '93031-3': ['LA30125-1', 'LA30126-9'] }, { authored: '2026-01-01' }),
        form(prapare, { '93031-3': 'LA30126-9' }, { id: 'q2', authored: '2026-02-01' }),
      ],
      {
        conditions: ['POST material-hardship 1230283000 Z59.87'],
        issues: ['information not-coded [1].resource.item[0].answer[0]'],
      },
    ],
    [
      'the words of another instrument tell which it is',
      [
        observation('o1', '93030-5', {
          valueString:
            'Yes, it has kept me from medical appointments or from getting my medications',
        }),
      ],
      {
        conditions: ['POST transportation-insecurity 551731000124103 Z59.82'],
        issues: ['information mended [1].resource'],
      },
    ],
    [
      'a bare OID, and a question’s code with blanks, are mended and said',
      [
        observation('o1', '93030-5', {
          valueCodeableConcept: { coding: [{ system: '2.16.840.1.113883.6.1', code: 'LA33-6' }] },
        }),
        observation('o2', '96779-4', 'LA32-8', {
          code: { coding: [{ system: 'https://loinc.org', code: ' 96779-4 ' }] },
        }),
      ],
      {
        conditions: [`POST ${ride}`],
        issues: ['information mended [1].resource', 'information mended [2].resource'],
        observations: ['PUT 93030-5 LA33-6 POS', 'PUT 96779-4 LA32-8'],
      },
    ],
    [
      'a question kept under another category is not lost in silence',
      [
        observation('o1', '93030-5', 'LA33-6', {
          category: [{ coding: [{ code: 'laboratory' }] }],
        }),
      ],
      { conditions: [], issues: ['information not-coded [1].resource'] },
    ],
    [
      'a category in capitals counts',
      [observation('o1', '93030-5', 'LA33-6', { category: [{ coding: [{ code: 'SURVEY' }] }] })],
      { conditions: [`POST ${ride}`] },
    ],
    [
      'components without a code system are said',
      [
        observation(
          'o1',
          ahc,
          {},
          {
            component: [
              { code: { coding: [{ code: '93030-5' }] }, valueString: 'yes' },
              { code: { text: 'Food?' }, valueString: 'no' },
            ],
          },
        ),
      ],
      {
        conditions: [],
        issues: [
          'warning missing-data [1].resource.component[0]',
          'warning unmapped-question [1].resource.component[1]',
        ],
      },
    ],
    [
      'flags that the answers belie',
      [
        observation('o1', '95614-4', 10, flag('POS')),
        observation(
          'o2',
          '93030-5',
          { valueCodeableConcept: { coding: [{ system: loinc, code: 'LA30257-2' }] } },
          flag('POS'),
        ),
      ],
      {
        conditions: [],
        issues: ['warning contradiction [1].resource', 'warning contradiction [2].resource'],
      },
    ],
    [
      'a total that cannot be one is not acted upon',
      [observation('o1', '95614-4', 25)],
      {
        issues: ['warning invalid-value [1].resource', 'warning sensitive [1].resource'],
        observations: ['PUT 95614-4 25 R'],
      },
    ],
    [
      'whoever is unsure about being safe is a person’s matter, and was screened',
      [form(prapare, { '93026-3': 'LA14072-5' })],
      {
        issues: ['warning sensitive [1].resource.item[0].answer[0]'],
        screened: { 'sdoh-category-unspecified': 'screened' },
      },
    ],
    [
      'whoever could not answer did not refuse',
      [form(prapare, { '93030-5': 'LA30257-2' })],
      { issues: [], screened: { 'transportation-insecurity': 'screened-absent' } },
    ],
    [
      'two refusals and a stated risk contradict',
      [form(hvs, { '88122-7': 'LA15775-2', '88123-5': 'LA15775-2', '88124-3': 'LA19952-3' })],
      { conditions: [], issues: ['warning contradiction [1].resource.item[2].answer[0]'] },
    ],
    [
      'a reason in an extension is the reason',
      [
        form(
          ahc,
          {},
          {
            item: [
              {
                linkId: '/93030-5',
                answer: [
                  {
                    extension: [
                      {
                        url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
                        valueCode: 'asked-declined',
                      },
                    ],
                  },
                ],
              },
            ],
          },
        ),
      ],
      {
        observations: ['POST 93030-5 asked-declined'],
        screened: { 'transportation-insecurity': 'screened-declined' },
      },
    ],
    [
      'an Observation without value and reason is not sent back as one',
      [observation('o1', '93030-5', undefined)],
      { observations: [], issues: ['information not-coded [1].resource'] },
    ],
    [
      'a form of nobody knows what, not completed',
      [form('12345-6', { '54321-9': 'x' }, { status: 'in-progress' })],
      { issues: ['information not-coded [1].resource'] },
    ],
    [
      'the finding of another edition on file is the same need',
      [
        form(ahc, { '93030-5': 'LA33-6' }),
        condition('c', 'transportation-insecurity', '713458007'),
      ],
      { conditions: ['PUT transportation-insecurity 713458007 -'] },
    ],
    [
      'ICD-10-CM alone on file is the need that it stands for',
      [
        form(ahc, { '93030-5': 'LA33-6' }),
        condition('c', 'transportation-insecurity', '', {
          code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z59.82' }] },
        }),
      ],
      { conditions: ['PUT transportation-insecurity - Z59.82'] },
    ],
    [
      'ICD-10-CM alone on file is in doubt too',
      [
        form(ahc, { '96779-4': 'LA32-8' }),
        condition('c', 'utility-insecurity', '', {
          code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z59.861' }] },
        }),
      ],
      { conditions: [], issues: ['warning condition-review [2].resource'] },
    ],
    [
      'SNOMED CT by its OID on file is SNOMED CT',
      [
        form(ahc, { '93030-5': 'LA33-6' }),
        condition('c', 'transportation-insecurity', '', {
          code: { coding: [{ system: 'urn:oid:2.16.840.1.113883.6.96', code: '551691000124106' }] },
        }),
      ],
      { issues: [], observations: ['POST 93030-5 LA33-6 POS'] },
    ],
    [
      'a refutation of the same day may have come after',
      [
        form(ahc, { '93030-5': 'LA33-6' }),
        condition('c', 'transportation-insecurity', '551691000124106', {
          recordedDate: at.slice(0, 10),
          verificationStatus: { coding: [{ code: 'refuted' }] },
        }),
      ],
      {
        conditions: [],
        issues: [
          'information not-coded [1].resource.item[0].answer[0]',
          'warning condition-review [2].resource',
        ],
      },
    ],
    [
      'a strength without a category is one',
      [
        form(ahc, { '93030-5': 'LA33-6' }),
        condition('c', '', '1137434003', { category: undefined }),
      ],
      { conditions: [`POST ${ride}`], issues: ['warning condition-review [2].resource'] },
    ],
    [
      'a form that was amended and tells the need no more puts what rests on it in doubt',
      [
        form(ahc, { '93030-5': 'LA32-8' }, { status: 'amended' }),
        condition('c', 'transportation-insecurity', '551691000124106', {
          recordedDate: '2026-07-01',
          evidence: [{ detail: [{ reference: 'QuestionnaireResponse/q1' }] }],
        }),
      ],
      { conditions: [], issues: ['warning condition-review [2].resource'] },
    ],
    [
      'a worry from before homelessness was recorded counts no more',
      [
        form(ahc, { '71802-3': 'LA31994-9' }),
        condition('c', 'homelessness', '32911000', { recordedDate: '2026-06-01' }),
      ],
      { conditions: [], issues: ['information not-coded [1].resource.item[0].answer[0]'] },
    ],
    [
      'evidence of a shape that is none does not stop the rest',
      [
        form(ahc, { '93030-5': 'LA33-6' }),
        condition('c', 'transportation-insecurity', '551691000124106', { evidence: { detail: 5 } }),
      ],
      { conditions: ['PUT transportation-insecurity 551691000124106 -'] },
    ],
  ])('%s', (_title, resources, expected) => {
    const { transaction, issues } = run(...resources);
    expect({
      conditions: conditionsOf(transaction),
      issues: issuesOf(issues),
      observations: observationsOf(transaction),
      screened: screenedOf(issues),
    }).toMatchObject(expected);
  });

  const rideless = observation('o1', '93030-5', 'LA33-6', {
    derivedFrom: [{ reference: 'QuestionnaireResponse/q1' }],
  });
  it.each<[string, Parameters<typeof bundle>, Expected]>([
    [
      'a need that no finding names is known on file by category and code',
      [
        form(prapare, { '93031-3': 'LA30124-4' }),
        condition('c', 'utility-insecurity', '', {
          code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10-cm', code: 'Z59.87' }] },
        }),
      ],
      { conditions: ['PUT utility-insecurity - Z59.87'] },
    ],
    [
      'of two versions under one identifier the later one counts, by its own date',
      [
        form(ahc, { '93030-5': 'LA33-6' }, { identifier: { system: 's', value: 'v' } }),
        form(
          ahc,
          { '93030-5': 'LA32-8' },
          {
            id: 'q2',
            status: 'amended',
            authored: '2026-05-05',
            identifier: { system: 's', value: 'v' },
          },
        ),
      ],
      { conditions: [], issues: ['information not-coded [1].resource'] },
    ],
    [
      'and of one date the one that is further in its life',
      [
        form(ahc, { '93030-5': 'LA33-6' }, { identifier: { system: 's', value: 'v' } }),
        form(
          ahc,
          { '93030-5': 'LA33-6' },
          { id: 'q2', status: 'entered-in-error', identifier: { system: 's', value: 'v' } },
        ),
      ],
      {
        conditions: [],
        issues: ['information not-coded [1].resource', 'information not-coded [2].resource'],
      },
    ],
    [
      'what was made of a form that is a mistake is one',
      [form(ahc, { '93030-5': 'LA33-6' }, { status: 'entered-in-error' }), rideless],
      { conditions: [], observations: [] },
    ],
    [
      'an Observation is read as the form that it was made of',
      [form(prapare, { '93030-5': 'LA33-6' }), rideless],
      { conditions: [], issues: ['warning unmapped-answer [2].resource'] },
    ],
    [
      'a refutation of a form is one of what was made of it',
      [
        form(ahc, { '93030-5': 'LA33-6' }),
        rideless,
        condition('c', 'transportation-insecurity', '551691000124106', {
          recordedDate: '2026-05-01',
          verificationStatus: { coding: [{ code: 'refuted' }] },
          evidence: [{ detail: [{ reference: 'QuestionnaireResponse/q1' }] }],
        }),
      ],
      { conditions: [], issues: ['information not-coded [2].resource'] },
    ],
    [
      'words beside the code that say something else',
      [
        observation('o1', '93030-5', {
          valueCodeableConcept: { text: 'No', coding: [{ system: loinc, code: 'LA33-6' }] },
        }),
      ],
      { conditions: [], issues: ['warning contradiction [1].resource'] },
    ],
    [
      'a code that is no text',
      [
        observation('o1', '93030-5', {
          valueCodeableConcept: { text: 'No', coding: [{ system: loinc, code: 5 }] },
        }),
      ],
      {
        conditions: [],
        issues: [
          'information mended [1].resource.valueCodeableConcept.coding[0].code',
          'warning unmapped-answer [1].resource',
        ],
      },
    ],
    [
      'a component without a value',
      [
        observation(
          'o1',
          ahc,
          {},
          { component: [{ code: { coding: [{ system: loinc, code: '93030-5' }] } }] },
        ),
      ],
      { screened: { 'transportation-insecurity': 'screened-absent' } },
    ],
    [
      'a refusal beside an answer',
      [form(prapare, { '32624-9': ['LA4457-3', 'LA30122-8'] })],
      { issues: ['warning contradiction [1].resource.item[0].answer[0]'] },
    ],
    [
      'totals that are text, or no whole number',
      [
        observation('o1', '95614-4', { valueString: '4' }),
        observation(
          'o2',
          '95614-4',
          { valueQuantity: { value: 10.5 } },
          { effectiveDateTime: '2026-06-01' },
        ),
      ],
      {
        issues: [
          'information mended [1].resource',
          'warning invalid-value [2].resource',
          'warning sensitive [2].resource',
        ],
      },
    ],
    [
      'words that are none',
      [form(ahc, { '93030-5': '  ' })],
      { observations: ['POST 93030-5 unknown'] },
    ],
    [
      'an Encounter that is not there, where others are',
      [
        form(ahc, { '93030-5': 'LA32-8' }, { encounter: { reference: 'Encounter/e77' } }),
        { resourceType: 'Encounter', id: 'e1', status: 'finished', class: { code: 'AMB' } },
      ],
      { issues: ['warning missing-data [1].resource.encounter'] },
    ],
  ])('once more: %s', (_title, resources, expected) => {
    const { transaction, issues } = run(...resources);
    expect({
      conditions: conditionsOf(transaction),
      issues: issuesOf(issues),
      observations: observationsOf(transaction),
      screened: screenedOf(issues),
    }).toMatchObject(expected);
  });

  it('changes nothing in what is on file but what it adds', () => {
    const absolute = { reference: 'https://ehr.example.org/fhir/Patient/p1' };
    const onFile = condition('c', 'transportation-insecurity', '551691000124106', {
      subject: absolute,
      asserter: absolute,
      note: [{ text: 'x' }],
    });
    const { transaction } = run(form(ahc, { '93030-5': 'LA33-6' }), onFile);
    const put = transaction.find((one) => one.request?.method === 'PUT')
      ?.resource as unknown as Record<string, unknown>;
    const { evidence, ...rest } = put;
    expect(evidence).toHaveLength(1);
    expect(rest).toEqual(onFile);
  });

  it.each<[string, Parameters<typeof bundle>]>([
    [
      'AHC',
      [
        form(ahc, {
          '93030-5': 'LA33-6',
          '88122-7': 'LA6729-3',
          '88123-5': 'LA28398-8',
          '96778-6': ['LA28580-1', 'LA9-3'],
        }),
      ],
    ],
    [
      'PRAPARE',
      [
        form(prapare, {
          '93031-3': ['LA30124-4', 'LA30125-1'],
          '93030-5': 'LA33-6',
          '71802-3': 'LA30190-5',
        }),
      ],
    ],
    ['Hunger Vital Sign', [form(hvs, { '88122-7': 'LA28397-0', '88123-5': 'LA28398-8' })]],
    [
      'a code whose words say otherwise',
      [form(ahc, { '93030-5': { valueCoding: { system: loinc, code: 'LA33-6', display: 'No' } } })],
    ],
  ])('makes nothing twice when what it said was posted: %s', (_title, resources) => {
    const first = run(...resources).transaction;
    // A server gives ids, and writes references to what it made with them.
    let text = JSON.stringify(
      first.map((one) => ({ ...one.resource, id: one.fullUrl?.replace('urn:uuid:', '') })),
    );
    for (const { fullUrl = '', resource } of first) {
      text = text.replaceAll(
        `"reference":"${fullUrl}"`,
        `"reference":"${resource?.resourceType}/${fullUrl.replace('urn:uuid:', '')}"`,
      );
    }
    const second = run(...resources, ...(JSON.parse(text) as Parameters<typeof bundle>));
    expect(conditionsOf(second.transaction).filter((one) => one.startsWith('POST'))).toEqual([]);
    expect(observationsOf(second.transaction).filter((one) => one.startsWith('POST'))).toEqual([]);
    expect(suggestionsOf(second.transaction)).toEqual([]);
  });

  it('counts age in days where the question was answered', () => {
    const school = (authored: string) => form(prapare, { '82589-3': 'LA30191-3' }, { authored });
    const conditions = (authored: string) =>
      conditionsOf(
        code(bundle(patient({ birthDate: '2008-05-05' }), school(authored))).transaction,
      );
    expect(conditions('2026-05-04T23:30:00-05:00')).toEqual([]);
    expect(conditions('2026-05-05T00:30:00+10:00')).toEqual([
      'POST educational-attainment 551651000124100 Z55.5',
    ]);
  });

  it('codes nothing that is nobody’s', () => {
    const { subject: _subject, ...nobodys } = observation('o1', '93030-5', 'LA33-6');
    const { transaction, issues } = code(bundle(nobodys as never));
    expect(transaction).toEqual([]);
    expect(issuesOf(issues)).toEqual(['warning missing-data [0].resource']);
  });

  it('suggests no code of the guide’s examples that is in none of its value sets', () => {
    const { transaction } = run(
      form(hvs, { '88122-7': 'LA28397-0', '88123-5': 'LA28397-0' }, { authored: '2020-03-01' }),
    );
    expect(conditionsOf(transaction)).toEqual(['POST food-insecurity 733423003 -']);
  });

  it('names the edition of each SNOMED CT code that it suggests', () => {
    expect(JSON.stringify(run(form(ahc, { '93030-5': 'LA33-6' })).transaction)).toContain(
      '"system":"http://snomed.info/sct","version":"http://snomed.info/sct/731000124108"',
    );
  });

  it('refers to whoever has no id by what their server knows them by', () => {
    const { id: _id, ...person } = patient();
    const text = JSON.stringify(
      code({
        resourceType: 'Bundle',
        entry: [
          { fullUrl: 'urn:uuid:9d4a1f4e-0000-4000-8000-000000000001', resource: person },
          {
            resource: form(
              ahc,
              { '93030-5': 'LA33-6' },
              { subject: { reference: 'urn:uuid:9d4a1f4e-0000-4000-8000-000000000001' } },
            ),
          },
        ],
      }).transaction,
    );
    expect(text).toContain(
      `"subject":{"reference":"Patient?identifier=${encodeURIComponent('urn:oid:2.16.840.1.113883.19.5|MRN-1001')}"}`,
    );
    expect(text).not.toContain('urn:uuid:9d4a1f4e');
  });
});
