import { gzipSync } from 'node:zlib';
import { addContract, createApp, finish } from '@loopwell/http';
import { silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { supertest } from '@loopwell/testing';
import { describe, expect, it } from 'vitest';
import { codeInput } from '../index.ts';
import { addPreviewRoutes } from './preview.route.ts';

const routes = ['POST /api/v1/code', 'POST /fhir/QuestionnaireResponse/$extract'];
const app = createApp({
  log: silentLog,
  findAccess: async (kind, secret) =>
    kind === 'service' && secret === 'right'
      ? { tenant: 'o', principal: 'service:test', roles: [], routes }
      : undefined,
  readiness: {},
});
addContract(app, contracts.enrichment);
const site = { translations: new Map([['urn:site\nY', 'LA33-6']]), interpretNegative: true };
addPreviewRoutes(app, async (tenant, id) => (tenant === 'o' && id === 'clinic' ? site : undefined));
finish(app, silentLog);
const ask = supertest(app.express);
const bearer = { authorization: 'Bearer right' };

const form = {
  resourceType: 'QuestionnaireResponse',
  id: 'q1',
  questionnaire: 'http://loinc.org/q/96777-8',
  status: 'completed',
  authored: '2026-05-04T10:00:00-05:00',
  subject: { reference: 'Patient/p1' },
  item: [
    {
      linkId: '/96778-6',
      answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA32000-4' } }],
    },
    { linkId: '/96779-4', answer: [{ valueString: 'they call a lot' }] },
  ],
};
const bundle = (id: string) => ({
  resourceType: 'Bundle',
  id,
  type: 'collection',
  entry: [{ resource: form }],
});

type Outcome = {
  parameter: {
    name: string;
    resource: { issue: { details: { coding: { code: string }[] }; expression?: string[] }[] };
  }[];
};
const issuesOf = (body: Outcome) =>
  body.parameter.find((one) => one.name === 'issues')?.resource.issue ?? [];

describe('the preview', () => {
  it('answers one Bundle with what `loopwell code` prints for it', async () => {
    const answer = await ask
      .post('/api/v1/code')
      .set(bearer)
      .type('application/fhir+json')
      .send(JSON.stringify(bundle('b-1')))
      .expect(200);
    expect(answer.headers['content-type']).toContain('application/fhir+json');
    expect(JSON.parse(answer.text)).toEqual([...codeInput(bundle('b-1'))][0]?.parameters);
  });

  it('answers each line of NDJSON in its order, unreadable ones too', async () => {
    const lines = [
      JSON.stringify(bundle('b-1')),
      'no json',
      '',
      JSON.stringify(bundle('b-2')),
    ].join('\n');
    const answer = await ask
      .post('/api/v1/code')
      .set(bearer)
      .type('application/x-ndjson')
      .buffer(true)
      .parse((response, done) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => done(null, text));
      })
      .send(lines)
      .expect(200);
    const out = String(answer.body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(out.map((one) => one.id)).toEqual(['b-1', undefined, 'b-2']);
    expect(out.map((one) => one.parameter.length)).toEqual([2, 1, 2]);
  });

  it('answers for each person, as JSON with a collection', async () => {
    const of = (id: string) => ({
      ...form,
      id: `q-${id}`,
      subject: { reference: `Patient/${id}` },
    });
    const post = (body: unknown) =>
      ask
        .post('/api/v1/code')
        .set(bearer)
        .type('application/fhir+json')
        .send(JSON.stringify(body))
        .expect(200);
    const idsIn = (text: string) =>
      JSON.parse(text).entry.map(
        (one: { resource: { resourceType: string; id: string } }) =>
          `${one.resource.resourceType}/${one.resource.id}`,
      );
    const entry = [of('a'), of('b')].map((resource) => ({ resource }));
    expect(
      idsIn((await post({ resourceType: 'Bundle', id: 's', type: 'searchset', entry })).text),
    ).toEqual(['Parameters/s.1', 'Parameters/s.2']);
    expect(idsIn((await post([of('a'), of('b')])).text)).toEqual(['Parameters/a', 'Parameters/b']);
    expect(JSON.parse((await post(of('a'))).text)).toMatchObject({
      resourceType: 'Parameters',
      id: 'a',
    });
  });

  it('reads NDJSON by its bytes, and gathers what stands in no Bundle', async () => {
    const of = (id: string, person: string) =>
      JSON.stringify({ ...form, id, subject: { reference: `Patient/${person}` } });
    const latin1 = Buffer.from(`${of('q9', 'c').replace('they call', 'José calls')}\n`, 'latin1');
    const bytes = gzipSync(
      Buffer.concat([
        Buffer.from(`\uFEFF${of('q1', 'a')}\r\n\r\n${of('q2', 'b')}\n`),
        latin1,
        Buffer.from(of('q3', 'a')),
      ]),
    );
    const answer = await ask
      .post('/api/v1/code')
      .set(bearer)
      .type('application/x-ndjson')
      .buffer(true)
      .parse((response, done) => {
        let text = '';
        response.on('data', (chunk) => (text += String(chunk)));
        response.on('end', () => done(null, text));
      })
      .send(bytes as unknown as string)
      .expect(200);
    const out = String(answer.body)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(out.map((one) => one.id)).toEqual([undefined, 'a', 'b']);
    expect(JSON.stringify(out[0])).toContain('It is not UTF-8.');
    expect(String(answer.body)).not.toContain('\uFFFD');
  });

  it("reads a connection's own codes and follows its choices, where the caller names it", async () => {
    const item = [
      { linkId: '/93030-5', answer: [{ valueCoding: { system: 'urn:site', code: 'Y' } }] },
      {
        linkId: '/96779-4',
        answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA32-8' } }],
      },
    ];
    const local = { ...form, item };
    const one = JSON.stringify({ ...bundle('b-1'), entry: [{ resource: local }] });
    const post = (query: string, type = 'application/fhir+json') =>
      ask.post(`/api/v1/code${query}`).set(bearer).type(type).send(one);
    const [plain, named] = [
      await post('').expect(200),
      await post('?connection=clinic').expect(200),
    ];
    expect([plain.text.includes('551691000124106'), plain.text.includes('"NEG"')]).toEqual([
      false,
      false,
    ]);
    expect(JSON.parse(named.text)).toEqual([...codeInput(JSON.parse(one), site)][0]?.parameters);
    expect([named.text.includes('551691000124106'), named.text.includes('"NEG"')]).toEqual([
      true,
      true,
    ]);
    const extracted = (query: string) =>
      ask
        .post(`/fhir/QuestionnaireResponse/$extract${query}`)
        .set(bearer)
        .type('application/fhir+json')
        .send(JSON.stringify(local));
    expect((await extracted('?connection=clinic').expect(200)).text).toContain('551691000124106');
    for (const type of ['application/fhir+json', 'application/x-ndjson'])
      expect((await post('?connection=elsewhere', type).expect(404)).type).toBe(
        'application/problem+json',
      );
    const unknown = await extracted('?connection=elsewhere').expect(404);
    expect(JSON.parse(unknown.text)).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ code: 'not-found' }],
    });
    const twice = await extracted('?connection=clinic&connection=clinic').expect(400);
    const issue = [{ code: 'invalid', diagnostics: '/query/connection: once' }];
    expect(JSON.parse(twice.text)).toMatchObject({ resourceType: 'OperationOutcome', issue });
  });

  it.each([
    ['nothing', 'application/fhir+json', ''],
    ['a list', 'application/json', '[]'],
    ['another resource', 'application/fhir+json', '{"resourceType":"Practitioner"}'],
    [
      'the answer to a batch',
      'application/fhir+json',
      '{"resourceType":"Bundle","type":"batch-response"}',
    ],
    ['what is no JSON', 'application/json', '{"a":'],
  ])('refuses %s, with problem details', async (_title, type, body) => {
    const answer = await ask.post('/api/v1/code').set(bearer).type(type).send(body);
    expect([answer.status, answer.type]).toEqual([400, 'application/problem+json']);
  });

  it('is closed to whoever presents nothing', async () => {
    await ask.post('/api/v1/code').type('application/fhir+json').send('{}').expect(401);
    await ask
      .post('/fhir/QuestionnaireResponse/$extract')
      .type('application/fhir+json')
      .send('{}')
      .expect(401);
  });
});

describe('$extract', () => {
  const extract = (body: unknown) =>
    ask
      .post('/fhir/QuestionnaireResponse/$extract')
      .set(bearer)
      .type('application/fhir+json')
      .send(JSON.stringify(body));

  it('takes a QuestionnaireResponse and names places within it', async () => {
    const answer = await extract(form).expect(200);
    const body = JSON.parse(answer.text);
    expect(
      body.parameter[0].resource.entry.map(
        (one: { resource: { resourceType: string } }) => one.resource.resourceType,
      ),
    ).toContain('Condition');
    expect(issuesOf(body).flatMap((one) => one.expression ?? [])).toEqual([
      'QuestionnaireResponse.item[1].answer[0]',
    ]);
  });

  it('takes Parameters with what belongs to it', async () => {
    const parameter = [
      { name: 'questionnaire-response', resource: form },
      { name: 'context', resource: { resourceType: 'Patient', id: 'p1', deceasedBoolean: true } },
    ];
    const answer = await extract({ resourceType: 'Parameters', parameter }).expect(200);
    const told = issuesOf(JSON.parse(answer.text)).filter(
      (one) => one.details.coding[0]?.code === 'not-coded',
    );
    expect(told.map((one) => one.expression)).toEqual([
      ['Parameters.parameter[0].resource.item[0].answer[0]'],
    ]);
  });

  const part = (resource: unknown) => ({ name: 'context', resource });
  const asked = { name: 'questionnaire-response', resource: form };
  const extractText = async (text: string) => {
    const answer = await ask
      .post('/fhir/QuestionnaireResponse/$extract')
      .set(bearer)
      .type('application/fhir+json')
      .send(text)
      .expect(200);
    const body = JSON.parse(answer.text) as Outcome & {
      parameter: { resource: { entry: { resource: { resourceType: string } }[] } }[];
    };
    const said = issuesOf(body).map(
      (one) => `${one.details.coding[0]?.code} ${one.expression?.[0] ?? ''}`,
    );
    return {
      said: said.filter((one) => !one.startsWith('screened')),
      types: body.parameter[0]?.resource.entry.map((one) => one.resource.resourceType),
    };
  };
  const parameters = (...parameter: unknown[]) =>
    JSON.stringify({ resourceType: 'Parameters', parameter });

  it.each<[string, string, string]>([
    [
      'a resource that is there twice',
      parameters(part({ resourceType: 'Patient', id: 'p1' }), asked).replace(
        '"resource":',
        '"resource":null,"resource":',
      ),
      'unreadable Parameters.parameter[0].resource',
    ],
    [
      'a status that is there twice',
      parameters(asked, part({ resourceType: 'Condition', id: 'c', status: 1 })).replace(
        '"status":1',
        '"verificationStatus":{},"verificationStatus":{}',
      ),
      'unreadable Parameters.parameter[1].resource.verificationStatus',
    ],
    [
      'a member that is not read, twice',
      parameters(asked, part({ resourceType: 'Patient', id: 'p1', x: 1 })).replace(
        '"x":1',
        '"x":1,"x":2',
      ),
      'unreadable Parameters.parameter[1].resource.x',
    ],
    [
      'a resource that is none',
      parameters(asked, part('Patient/p1')),
      'unreadable Parameters.parameter[1].resource',
    ],
    ['a part that is none', parameters(asked, null), 'unreadable Parameters.parameter[1]'],
    [
      'a type that is none',
      parameters(asked, part({ resourceType: 'Patent' })),
      'unreadable Parameters.parameter[1].resource.resourceType',
    ],
  ])('names %s at its place, and codes the rest', async (_what, text, place) => {
    const { said, types } = await extractText(text);
    expect(said).toContain(place);
    expect(types).toContain('Condition');
  });

  it('reads no form that is there twice, and calls a person for the safety in it', async () => {
    const hurt = {
      ...form,
      item: [
        {
          linkId: '/95618-5',
          answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA6482-9' } }],
        },
      ],
    };
    const { said, types } = await extractText(
      parameters({ ...asked, resource: hurt }).replace(
        '"resource":',
        '"resource":{"resourceType":"QuestionnaireResponse"},"resource":',
      ),
    );
    expect(types).toEqual([]);
    expect(said).toEqual([
      'sensitive Parameters.parameter[0].resource',
      'unreadable Parameters.parameter[0].resource',
    ]);
  });

  it.each(['implicitRules', 'modifierExtension'])(
    'makes nothing of what %s of the Parameters may change',
    async (key) => {
      const value =
        key === 'implicitRules'
          ? 'https://ehr.example.org/rules'
          : [{ url: 'https://ehr.example.org/not', valueBoolean: true }];
      const whole = await extractText(
        JSON.stringify({ resourceType: 'Parameters', [key]: value, parameter: [asked] }),
      );
      expect(whole.types).not.toContain('Condition');
      expect(whole.said).toContain(`not-understood Parameters.${key}`);
    },
  );

  it('takes one part without its list, and passes over values', async () => {
    expect(
      (await extractText(JSON.stringify({ resourceType: 'Parameters', parameter: asked }))).types,
    ).toContain('Condition');
    const { said, types } = await extractText(
      parameters(asked, { name: 'deep', valueBoolean: true }),
    );
    expect(types).toContain('Condition');
    expect(said).toEqual(['unmapped-answer Parameters.parameter[0].resource.item[1].answer[0]']);
  });

  it.each([[{ resourceType: 'Patient', id: 'p1' }], [{ resourceType: 'Parameters' }], [{}]])(
    'refuses %j with an OperationOutcome',
    async (body) => {
      const answer = await extract(body);
      expect([answer.status, answer.type]).toEqual([400, 'application/fhir+json']);
      expect(JSON.parse(answer.text).issue[0].details.text).toContain('QuestionnaireResponse');
    },
  );
});
