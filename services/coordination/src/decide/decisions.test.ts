import { addContract, createApp, finish } from '@loopwell/http';
import { silentLog } from '@loopwell/kit';
import { contracts } from '@loopwell/openapi';
import { supertest } from '@loopwell/testing';
import { describe, expect, it } from 'vitest';
import { parseDecision } from './decisions.ts';

const id = '5f0d3b0e-2f0c-4a7c-9a55-1f3f0f6d7f10';
const referrals = [id];

const app = createApp({
  log: silentLog,
  findAccess: async () => ({
    tenant: 'o',
    principal: 'service:x',
    roles: [],
    routes: ['POST /api/v1/reviews/decisions'],
  }),
  readiness: {},
});
addContract(app, contracts.coordination);
app.route('post', '/api/v1/reviews/decisions', { kind: 'service' }, (request, response) => {
  parseDecision(request.body);
  response.json({ decided: 1, skipped: [], request: id });
});
finish(app, silentLog);
const decide = (body: object) =>
  supertest(app.express)
    .post('/api/v1/reviews/decisions')
    .set('authorization', 'Bearer something')
    .send(body);

/** Body, field as a form is told it, and place and rule as a caller of the API is told them. */
const incomplete: readonly (readonly [object, string, string, string])[] = [
  [{ referrals }, 'decision', '/body/decision', 'required'],
  [{ referrals, decision: 'forget' }, 'decision', '/body/decision', 'enum'],
  [{ decision: 'approve' }, 'referrals', '/body/referrals', 'required'],
  [{ referrals: [], decision: 'approve' }, 'referrals', '/body/referrals', 'minItems'],
  [{ referrals: ['x'], decision: 'approve' }, 'referrals.0', '/body/referrals/0', 'pattern'],
  [{ referrals, decision: 'refuse' }, 'reason', '/body/reason', 'required'],
  [{ referrals, decision: 'refuse', reason: '  ' }, 'reason', '/body/reason', 'pattern'],
  [{ referrals, decision: 'refuse', reason: 'a\nb' }, 'reason', '/body/reason', 'pattern'],
  [{ referrals, decision: 'postpone' }, 'until', '/body/until', 'required'],
  [{ referrals, decision: 'postpone', until: 'soon' }, 'until', '/body/until', 'pattern'],
  [
    { referrals, decision: 'approve', until: '2026-12-01' },
    'until',
    '/body/until',
    'additionalProperties',
  ],
];

describe('a decision that is not complete', () => {
  it.each(incomplete)(
    'is refused with the field and the rule: %j',
    async (body, field, path, rule) => {
      expect(() => parseDecision(body)).toThrow(expect.objectContaining({ facts: { field } }));
      const answer = await decide(body);
      expect([answer.status, answer.body.problems]).toEqual([400, [{ path, rule }]]);
    },
  );

  it.each(['referrals', 'condition', 'versions'])('has %s that are plain UUIDs', async (field) => {
    const urn = `urn:uuid:${id}`;
    const bad = { referrals: [urn], condition: urn, versions: { [urn]: '1' } }[field];
    const choice = { referrals, decision: 'chooseCode', condition: id, code: '1' };
    expect(() => parseDecision({ ...choice, [field]: bad })).toThrow();
    expect((await decide({ ...choice, [field]: bad })).status).toBe(400);
    expect((await decide({ ...choice, versions: { [id]: '1' } })).status).toBe(200);
  });
});

const consent = {
  referrals,
  decision: 'recordConsent',
  scope: 'Food',
  askedBy: 'Rea',
  dateTime: '2026-10-01',
};
const postponed = { referrals, decision: 'postpone' };
const agreed = { referrals, decision: 'agree', askedBy: 'Rea' };

describe('the dates of a decision', () => {
  it.each([
    '2026-11-01',
    '2024-02-29',
    '1900-01-01',
    '9999-12-31',
    '2026-11-01T00:00:00Z',
    '2026-11-01T23:59:59.999Z',
    '2026-11-01T10:00:00-06:00',
    '2026-11-01T10:00:00+14:00',
  ])('may be %s', async (text) => {
    expect(parseDecision({ ...consent, dateTime: text, until: text })).toMatchObject({
      dateTime: text,
      until: text,
    });
    expect((await decide({ ...consent, dateTime: text, until: text })).status).toBe(200);
  });

  it.each([
    '2026-11-01T25:61:61Z',
    '2026-11-01T24:00:00Z',
    '2026-11-01T23:59:60Z',
    '2026-11-01T10:60:00Z',
    '2026-11-01T10:00:00+99:99',
    '2026-11-01T10:00:00+24:00',
    '2026-11-01T10:00:00+01:60',
    '2026-02-30T10:00:00Z',
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
  ])('may not be %s', async (text) => {
    for (const field of ['dateTime', 'until']) {
      const body = { ...consent, [field]: text };
      expect(() => parseDecision(body)).toThrow(expect.objectContaining({ facts: { field } }));
      const { status, body: problem } = await decide(body);
      expect([status, problem.problems]).toEqual([400, [{ path: `/body/${field}`, rule: 'date' }]]);
    }
  });

  it.each(['1899-12-31', '2026-11', '2026-11-01T10:00:00', '2026-11-01t10:00:00z', ' 2026-11-01'])(
    'may not be written %s',
    async (text) => {
      for (const body of [
        { ...consent, dateTime: text },
        { ...consent, until: text },
      ]) {
        expect(() => parseDecision(body)).toThrow();
        expect((await decide(body)).status).toBe(400);
      }
    },
  );

  it('may not be a day that no calendar has, wherever a decision has a day', async () => {
    for (const text of ['2026-02-30', '2025-02-29', '2026-11-31', '2026-11-01T10:00:00Z']) {
      for (const body of [
        { ...postponed, until: text },
        { ...agreed, agreedOn: text },
      ]) {
        expect(() => parseDecision(body)).toThrow();
        expect((await decide(body)).status).toBe(400);
      }
    }
    expect((await decide({ ...postponed, until: '2024-02-29' })).status).toBe(200);
    expect((await decide({ ...agreed, agreedOn: '2024-02-29' })).status).toBe(200);
  });
});

describe('the words of a decision', () => {
  const refusal = { referrals, decision: 'refuse' };

  it.each([' no need ', 'no need\n', '\tno need', '\r\n no need \u00a0'])(
    'lose the blanks around them: %j',
    async (reason) => {
      expect(parseDecision({ ...refusal, reason }).reason).toBe('no need');
      expect((await decide({ ...refusal, reason })).status).toBe(200);
    },
  );

  it('count for their length without blanks around them', () => {
    const reason = 'a'.repeat(490);
    expect(parseDecision({ ...refusal, reason: reason + ' '.repeat(20) }).reason).toBe(reason);
    expect(() => parseDecision({ ...refusal, reason: 'a'.repeat(501) })).toThrow();
  });

  it('may be one character, and are codes, too', async () => {
    const service = { referrals, decision: 'chooseService', serviceCode: '123\t' };
    expect(parseDecision(service)).toMatchObject({ serviceCode: '123' });
    expect((await decide(service)).status).toBe(200);
    expect((await decide({ ...refusal, reason: 'a' })).status).toBe(200);
  });

  it.each(['', ' ', '\n\t', 'no\nneed', 'no\tneed', 'no need\u0007', '\ud800'])(
    'may not be %j',
    async (reason) => {
      expect(() => parseDecision({ ...refusal, reason })).toThrow(
        expect.objectContaining({ facts: { field: 'reason' } }),
      );
      expect((await decide({ ...refusal, reason })).status).toBe(400);
    },
  );
});
