import { addContract, createApp, finish } from '@loopwell/http';
import { silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { stageNames } from '@loopwell/pipeline';
import { supertest } from '@loopwell/testing';
import { expect, it } from 'vitest';
import { parseAction } from './work.ts';

const action = { action: 'retry', reason: 'transient' };

const path = '/api/v1/ledger/actions';
const app = createApp({
  log: silentLog,
  findAccess: async () => ({
    tenant: 'o',
    principal: 'service:x',
    roles: [],
    routes: [`POST ${path}`],
  }),
  readiness: {},
});
addContract(app, contracts.console);
app.route('post', path, { kind: 'service' }, (request, response) => {
  response.json({ rows: parseAction(request.body).rows.length });
});
finish(app, silentLog);
const act = (body: object) =>
  supertest(app.express).post(path).set('authorization', 'Bearer something').send(body);

it.each(stageNames)('rows of the stage %s may be retried', async (stage) => {
  const rows = [{ stage, subject: 'a' }];
  expect(parseAction({ ...action, rows })).toEqual({ ...action, rows });
  expect((await act({ ...action, rows })).status).toBe(200);
});

it.each([
  [{ ...action, rows: [] }, 'rows', 'minItems'],
  [{ ...action, rows: [{ stage: 'sleep', subject: 'a' }] }, 'rows.0.stage', 'enum'],
  [{ ...action, rows: [{ stage: 'pull', subject: '' }] }, 'rows.0.subject', 'minLength'],
  [{ reason: 'transient', rows: [{ stage: 'pull', subject: 'a' }] }, 'action', 'required'],
  [{ action: 'retry', rows: [{ stage: 'pull', subject: 'a' }], reason: 'tired' }, 'reason', 'enum'],
])('names the field of %j, and its rule to a caller of the API', async (input, field, rule) => {
  expect(() => parseAction(input)).toThrow(expect.objectContaining({ facts: { field } }));
  const { status, body } = await act(input);
  const problems = [{ path: `/body/${field.replaceAll('.', '/')}`, rule }];
  expect([status, body.problems]).toEqual([400, problems]);
});
