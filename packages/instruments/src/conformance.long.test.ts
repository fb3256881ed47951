import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { fhir4 } from '@loopwell/fhir';
import { deriveId } from '@loopwell/kit';
import {
  buildServiceRequest,
  buildTask,
  codePerson,
  minimumCondition,
  minimumPatient,
  type PersonCoding,
  type PersonRecord,
  type ReferralParts,
  serviceCodesOf,
} from '@loopwell/sdoh';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bundle,
  code as codeWhole,
  form,
  observation,
  condition as onFile,
} from '../../sdoh/test/bundles.ts';
import ahcHrsn from './ahc-hrsn/rows.json' with { type: 'json' };
import supplemental from './ahc-hrsn-supplemental/rows.json' with { type: 'json' };
import hungerVitalSign from './hunger-vital-sign/rows.json' with { type: 'json' };
import { instruments } from './index.ts';
import prapare from './prapare/rows.json' with { type: 'json' };

/**
 * HL7's own validator, with the profiles of SDOH Clinical Care 3.0.0, over everything that the
 * rules can emit for these instruments. It needs Java, Maven (for the first build) and the guide;
 * elsewhere it says that it was skipped. LOOPWELL_VALIDATOR names a jar that is built already.
 */
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const guide = at('../../../../shared/ig/definitions');
const source = at('../../../../shared/tools/fhir-validator');
const cache = at('../../../node_modules/.cache/fhir-validator');
const jar = process.env.LOOPWELL_VALIDATOR ?? `${cache}/fhir-validator.jar`;
const has = (command: string) => spawnSync(command, ['-version'], { stdio: 'ignore' }).status === 0;
const canRun =
  existsSync(guide) && has('java') && (existsSync(jar) || (existsSync(source) && has('mvn')));
if (!canRun)
  process.stderr.write(
    'conformance.long.test.ts: Java or the guide is not at hand; HL7’s validator was not run.\n',
  );

type Verdict = {
  summary: { failed: number; passed: number };
  resources: { passed: boolean; issues: { severity: string; message: string; path?: string }[] }[];
};

function judge(resources: readonly fhir4.Resource[]): Verdict {
  if (!existsSync(jar)) {
    mkdirSync(cache, { recursive: true });
    const built = spawnSync('mvn', ['-q', '-f', source, 'package', `-DoutDir=${cache}`], {
      encoding: 'utf8',
    });
    if (built.status !== 0)
      throw new Error(`The validator could not be built: ${built.stdout.slice(-2000)}`);
  }
  const input = resources.map((one) => JSON.stringify(one)).join('\n');
  const options = [
    '-Xmx1g',
    '-XX:TieredStopAtLevel=1',
    '-jar',
    jar,
    '--ig',
    guide,
    '--json',
    '--level',
    'error',
    '-',
  ];
  const run = spawnSync('java', options, { input, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  if (run.status !== 0 && run.status !== 1)
    throw new Error(`The validator judged nothing: ${run.stderr.slice(-2000)}`);
  return JSON.parse(run.stdout) as Verdict;
}

const base = 'https://ehr.example.org/fhir';
const hub = 'https://loopwell.example.org/fhir';
const person = '11111111-1111-4111-8111-111111111111';
const loinc = 'http://loinc.org';
const survey = [
  {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' },
    ],
  },
];
const patient: fhir4.Patient = {
  resourceType: 'Patient',
  id: 'p1',
  birthDate: '1980-01-01',
  gender: 'female',
  name: [{ family: 'Lind', given: ['Ada'] }],
  telecom: [{ system: 'phone', value: '555-0100' }],
  address: [{ city: 'Duluth', state: 'MN' }],
};

function code(change: Partial<PersonRecord>): PersonCoding {
  const encounters: fhir4.Encounter[] = [
    {
      resourceType: 'Encounter',
      id: 'e1',
      status: 'finished',
      class: { code: 'AMB' },
      period: { start: '2026-05-04', end: '2026-05-04' },
    },
  ];
  return codePerson(
    {
      tenant: 'org',
      connection: 'ehr',
      base,
      person,
      patient,
      encounters,
      responses: [],
      observations: [],
      conditions: [],
      made: [],
      ...change,
    },
    instruments,
    { deriveId },
  );
}

const emitted = (coding: PersonCoding): fhir4.Resource[] =>
  [...coding.observations, ...coding.conditions, ...coding.withdrawn, ...coding.provenances].map(
    (one) => one.resource,
  );

type Answer = Record<string, unknown>;

const responseOf = (
  id: string,
  panel: string,
  question: string,
  answer: readonly Answer[],
  change: object = {},
): fhir4.QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  id,
  status: 'completed',
  questionnaire: `http://loinc.org/q/${panel}`,
  authored: '2026-05-04T10:00:00-05:00',
  source: { reference: 'Patient/p1' },
  item: [{ linkId: `/${question}`, answer }] as never,
  ...change,
});

const coded = (answer: string) => ({ valueCoding: { system: loinc, code: answer } });

/**
 * Each row of each table, and every shape that an answer can have, each in a screening of its own.
 */
function allThatRulesEmit(): fhir4.Resource[] {
  const tables = [ahcHrsn, hungerVitalSign, prapare, supplemental];
  const rows = tables.flatMap(({ panel, questions }) =>
    questions.flatMap((row) =>
      'answers' in row
        ? row.answers.map((one) => ({
            panel,
            question: row.code,
            answer: coded(one.code) as Answer,
          }))
        : [{ panel, question: row.code, answer: { valueInteger: 12 } as Answer }],
    ),
  );
  const odd: { panel: string; question: string; answer: Answer; change?: object }[] = [
    { panel: '93025-5', question: '56799-0', answer: { valueString: '12 Elm Street' } },
    { panel: '93025-5', question: '63586-2', answer: { valueDecimal: 12000.5 } },
    { panel: '96777-8', question: '96779-4', answer: { valueString: 'they call a lot' } },
    { panel: '96777-8', question: '96779-4', answer: { valueBoolean: true } },
    { panel: '96777-8', question: '96779-4', answer: {} },
    {
      panel: '96777-8',
      question: '96779-4',
      answer: {
        valueCoding: {
          system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason',
          code: 'asked-declined',
        },
      },
    },
    { panel: '96777-8', question: '96779-4', answer: { valueBoolean: true, valueString: 'x' } },
    { panel: '96777-8', question: '96779-4', answer: { valueInteger: 1 } },
    { panel: '96777-8', question: '96779-4', answer: coded('la33-6 ') },
    {
      panel: '96777-8',
      question: '96779-4',
      answer: coded('LA32002-0'),
      change: { source: { reference: 'RelatedPerson/m' } },
    },
    {
      panel: '96777-8',
      question: '93030-5',
      answer: coded('LA33-6'),
      change: {
        source: { reference: 'PractitionerRole/d' },
        encounter: { reference: 'Encounter/e1' },
      },
    },
    {
      panel: '96777-8',
      question: '93030-5',
      answer: coded('LA33-6'),
      change: { source: undefined },
    },
    ...[
      '2026-05-04',
      '2026-05',
      '2026',
      '2025-09-30T23:30:00-05:00',
      '2022-01-01',
      '2018-06-01T08:00:00Z',
    ].flatMap((authored) => [
      { panel: '96777-8', question: '96779-4', answer: coded('LA33-6'), change: { authored } },
      { panel: '96777-8', question: '71802-3', answer: coded('LA31994-9'), change: { authored } },
      { panel: '88121-9', question: '88122-7', answer: coded('LA6729-3'), change: { authored } },
    ]),
  ];
  const responses = [...rows, ...odd].flatMap(({ panel, question, answer, ...more }, index) =>
    emitted(
      code({
        responses: [
          responseOf(
            `r${index}`,
            panel,
            question,
            [answer],
            'change' in more ? (more.change as object) : {},
          ),
        ],
      }),
    ),
  );
  const safe = ['95618-5', '95617-7', '95616-9', '95615-1'].map((question) => ({
    linkId: question,
    answer: [coded('LA10082-8')],
  }));
  const component = [
    {
      code: { coding: [{ system: loinc, code: '93030-5' }] },
      valueCodeableConcept: { coding: [{ system: loinc, code: 'LA33-6' }] },
    },
  ];
  const panel: fhir4.Observation = {
    resourceType: 'Observation',
    id: 'panel',
    status: 'final',
    category: survey,
    code: { coding: [{ system: loinc, code: '96777-8' }] },
    effectiveDateTime: '2026-05-04T10:00:00-05:00',
    performer: [{ reference: 'Practitioner/d' }],
    component,
  };
  const singles: fhir4.Observation[] = ['88122-7', '88123-5'].map((question) => ({
    ...panel,
    id: `o${question}`,
    component: undefined,
    code: { coding: [{ system: loinc, code: question }] },
    valueCodeableConcept: { coding: [{ system: loinc, code: 'LA6729-3' }] },
  }));
  const first = code({ responses: [responseOf('one', '96777-8', '93030-5', [coded('LA33-6')])] });
  const made = first.conditions.map((one) => one.resource);
  return [
    ...responses,
    ...emitted(code({ responses: [responseOf('hits', '96777-8', '', [], { item: safe })] })),
    ...emitted(code({ observations: [panel, ...singles] })),
    ...emitted(code({ made })),
    ...emitted(
      code({
        responses: [responseOf('two', '96777-8', '93030-5', [coded('LA33-6')])],
        made: made.map((one) => ({
          ...one,
          verificationStatus: {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
                code: 'confirmed',
              },
            ],
          },
        })),
      }),
    ),
  ];
}

/** What `loopwell code` would post: Observations that came as such with what was added, too. */
function allThatIsPosted(): fhir4.Resource[] {
  const text = {
    coding: [{ system: 'urn:oid:2.16.840.1.113883.6.1', code: 'la33-6' }],
    text: 'Yes',
  };
  const several = ['LA28580-1', 'LA31998-0'].map((one) => ({ system: loinc, code: one }));
  const performer = [{ reference: 'Patient/p1' }];
  const received = [
    observation('o1', '93030-5', { valueString: 'yes' }),
    observation('o2', '96779-4', { valueCodeableConcept: text }, { performer }),
    observation('o3', '96778-6', { valueCodeableConcept: { coding: several } }),
    observation('o4', '76512-3', {
      valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: '{score}' },
    }),
    observation('o5', '99594-4', 'LA33093-8', { performer }),
    observation('o6', '101351-5', 'LA30134-3', { meta: { versionId: '3' } }),
    observation('o7', '95616-9', 'LA6482-9'),
    observation('o8', '88122-7', 'LA6729-3'),
    observation('o9', '88123-5', 'LA15775-2'),
    observation('o10', '93031-3', 'LA30124-4'),
  ];
  const inputs = [
    bundle(
      patient as never,
      ...received,
      onFile('c7', 'transportation-insecurity', '551691000124106', {
        meta: {
          profile: [
            'http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-Condition',
          ],
        },
        category: ownCategories('problem-list-item'),
      }),
    ),
    bundle(
      patient as never,
      form('96777-8', {
        '96778-6': ['LA31998-0', 'LA9-3'],
        '97027-7': 'LA33-6',
        '69861-3': 'LA33-6',
      }),
    ),
    ...withSuggestions(),
  ];
  return inputs.flatMap((input) =>
    codeWhole(input).transaction.map(
      ({ resource, fullUrl }) =>
        ({ ...resource, id: fullUrl?.split(/[:/]/).at(-1) }) as fhir4.Resource,
    ),
  );
}

/**
 * Screenings that get a Goal or a service of each category that has one, whatever their time and
 * Encounter.
 */
function withSuggestions(): ReturnType<typeof bundle>[] {
  const encounter = {
    resourceType: 'Encounter',
    id: 'e1',
    status: 'finished',
    class: { code: 'AMB' },
  };
  const at = { encounter: { reference: 'Encounter/e1' } };
  return [
    bundle(
      patient as never,
      encounter,
      form('96777-8', { '88122-7': 'LA28397-0', '93030-5': 'LA33-6', '71802-3': 'LA31994-9' }, at),
    ),
    ...['2026-05-04', '2026-05', '2026'].map((authored) =>
      bundle(
        patient as never,
        form('93025-5', { '71802-3': 'LA30190-5', '93030-5': 'LA30134-3' }, { authored }),
      ),
    ),
  ];
}

const ownCategories = (first: string) => [
  { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: first }] },
  { coding: [{ system: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category', code: 'sdoh' }] },
  {
    coding: [
      {
        system:
          'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes',
        code: 'transportation-insecurity',
      },
    ],
  },
];

const byId = (some: readonly fhir4.Resource[]) => [
  ...new Map(
    some.map((one) => [`${one.resourceType} ${one.id} ${JSON.stringify(one)}`, one]),
  ).values(),
];

const parts: ReferralParts = {
  base: hub,
  identifierSystem: 'https://clinic.example.org/loopwell',
  serviceRequestId: '22222222-2222-4222-8222-222222222222',
  taskId: '33333333-3333-4333-8333-333333333333',
  receiptKey: 'r_1',
  person,
  category: 'food-insecurity',
  conditions: ['44444444-4444-4444-8444-444444444444'],
  consent: '55555555-5555-4555-8555-555555555555',
  serviceCode: serviceCodesOf('food-insecurity')[0] ?? { system: '', code: '' },
  requester: 'clinic',
  requesterName: 'Clinic',
  owner: 'pantry',
  ownerName: 'The pantry',
  orderedOn: '2026-05-05T10:00:00Z',
  authoredOn: '2026-05-05T10:00:00Z',
};

function forPartners(): fhir4.Resource[] {
  const [condition] = code({
    responses: [responseOf('r', '96777-8', '88122-7', [coded('LA28397-0')])],
  }).conditions;
  return [
    buildServiceRequest(parts),
    buildTask(parts),
    minimumPatient(patient, {
      id: person,
      base: hub,
      organization: { id: 'clinic', name: 'Clinic' },
      today: '2026-05-05',
      contact: undefined,
      protectedAddress: undefined,
      identifierSystem: parts.identifierSystem,
    }),
    ...(condition
      ? [minimumCondition(condition.resource, parts.conditions[0] ?? '', hub, person)]
      : []),
  ];
}

const unknownCategory = [
  {
    coding: [
      {
        system:
          'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes',
        code: 'hunger',
      },
    ],
  },
];

/** One thing wrong in each Goal and each draft ServiceRequest. */
function wrongSuggestions(): object[] {
  const made = withSuggestions().flatMap((one) =>
    codeWhole(one).transaction.map(({ resource }) => resource),
  );
  const [goal, service] = ['Goal', 'ServiceRequest'].map((type) =>
    made.find((one) => one?.resourceType === type),
  ) as [fhir4.Goal, fhir4.ServiceRequest];
  return [
    { ...goal, lifecycleStatus: 'suggested' },
    { ...goal, lifecycleStatus: undefined },
    { ...goal, description: undefined },
    { ...goal, subject: undefined },
    { ...goal, addresses: 'Condition/c1' },
    { ...goal, category: unknownCategory },
    { ...goal, startDate: '2026-05-04T10:00:00-05:00' },
    { ...service, intent: 'suggestion' },
    { ...service, intent: undefined },
    { ...service, status: 'proposed' },
    { ...service, code: undefined },
    { ...service, subject: undefined },
    { ...service, authoredOn: 'today' },
    { ...service, category: unknownCategory },
    { ...service, bodySite: [{ text: 'home' }] },
  ];
}

/** One thing wrong in each. */
function allThatIsWrong(): fhir4.Resource[] {
  const coding = code({ responses: [responseOf('r', '96777-8', '93030-5', [coded('LA33-6')])] });
  const [observation, condition, provenance] = [
    coding.observations[0]?.resource,
    coding.conditions[0]?.resource,
    coding.provenances[0]?.resource,
  ];
  const ownCategory = (code: string) => [
    { coding: [{ system: 'http://hl7.org/fhir/us/core/CodeSystem/us-core-category', code }] },
  ];
  const wrong = [
    { ...observation, category: observation?.category?.slice(0, 1) },
    { ...observation, subject: undefined },
    { ...observation, effectiveDateTime: undefined },
    { ...observation, status: 'registered' },
    { ...observation, dataAbsentReason: { text: 'both' } },
    { ...observation, valueQuantity: { value: 1 } },
    { ...condition, category: ownCategory('sdoh') },
    {
      ...condition,
      category: condition?.category?.filter((one) => one.coding?.[0]?.code !== 'sdoh'),
    },
    { ...condition, code: { text: 'hunger' } },
    {
      ...condition,
      verificationStatus: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
            code: 'suspected',
          },
        ],
      },
    },
    {
      ...condition,
      verificationStatus: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
            code: 'entered-in-error',
          },
        ],
      },
    },
    {
      ...condition,
      asserter: { reference: `Patient/${person}` },
      extension: [
        {
          url: 'http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionConditionAsserter',
          valueReference: { type: 'Device', display: 'x' },
        },
      ],
    },
    { ...provenance, agent: undefined },
    { ...provenance, recorded: '2026-05-04' },
    { ...buildTask(parts), status: 'ready' },
    { ...buildTask(parts), authoredOn: undefined },
    { ...buildTask(parts), status: 'cancelled', statusReason: { coding: [{ code: 'x' }] } },
    { ...buildTask(parts), code: undefined },
    { ...buildServiceRequest(parts), code: undefined },
    {
      ...buildServiceRequest(parts),
      category: [...(buildServiceRequest(parts).category ?? []).slice(0, 1), ...unknownCategory],
    },
    ...wrongSuggestions(),
  ].map((one, index) => ({ ...one, id: `wrong-${index}` })) as unknown as fhir4.Resource[];
  return wrong;
}

describe.skipIf(!canRun)('what Loopwell writes, judged by HL7’s validator', () => {
  const right = canRun ? byId([...allThatRulesEmit(), ...allThatIsPosted(), ...forPartners()]) : [];
  const wrong = canRun ? allThatIsWrong() : [];
  // Definitions take longer to load than resources to judge: one run for both.
  let verdict: Verdict = { summary: { failed: 0, passed: 0 }, resources: [] };
  beforeAll(() => {
    if (canRun) verdict = judge([...right, ...wrong]);
  }, 900_000);

  it('conforms: everything that the rules can emit, and what partners read', () => {
    const types = Map.groupBy(right, (one) => one.resourceType);
    expect([...types.keys()].sort()).toEqual([
      'Condition',
      'Goal',
      'Observation',
      'Patient',
      'Provenance',
      'ServiceRequest',
      'Task',
    ]);
    expect(types.get('Observation')?.length).toBeGreaterThan(120);
    expect([types.get('Goal')?.length, types.get('ServiceRequest')?.length]).toEqual([10, 11]);
    expect(verdict.resources).toHaveLength(right.length + wrong.length);
    const refused = verdict.resources
      .slice(0, right.length)
      .flatMap(({ passed, issues }, index) => (passed ? [] : [{ resource: right[index], issues }]));
    expect(refused).toEqual([]);
  });

  it('is refused where it is wrong, so that the judge is seen to bite', () => {
    const passed = verdict.resources
      .slice(right.length)
      .flatMap((one, index) => (one.passed ? [wrong[index]] : []));
    expect(passed).toEqual([]);
    expect(verdict.summary.failed).toBe(wrong.length);
  });
});
