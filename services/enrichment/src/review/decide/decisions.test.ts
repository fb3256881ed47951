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
addContract(app, contracts.enrichment);
app.route('post', '/api/v1/reviews/decisions', { kind: 'service' }, (request, response) => {
  parseDecision(request.body);
  response.json({ decided: 1, skipped: [] });
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
  [{ referrals: ['x'], decision: 'approve' }, 'referrals.0', '/body/referrals/0', 'format'],
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

  it('is one of a day that no calendar has', () => {
    const consent = { referrals, decision: 'recordConsent', scope: 'Food', askedBy: 'Rea' };
    expect(() => parseDecision({ ...consent, dateTime: '2026-02-30T10:00:00Z' })).toThrow(
      expect.objectContaining({ facts: { field: 'dateTime' } }),
    );
  });
});

it('a decision loses the blanks around its words', () => {
  const decision = parseDecision({ referrals, decision: 'refuse', reason: ' no need ' });
  expect(decision.reason).toBe('no need');
});
