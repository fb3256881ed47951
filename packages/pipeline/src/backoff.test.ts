import { AppError, errorCodes } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { parkOf, type RetryPolicy } from './backoff.ts';

const policy: RetryPolicy = {
  baseMs: 1_000,
  maxMs: 60_000,
  attempts: 8,
  awayAttempts: Number.POSITIVE_INFINITY,
};
const away = new AppError('REMOTE_UNAVAILABLE', 'The other server asks to come back later', {
  facts: { status: 503 },
});

/** A row that has failed so often. */
const failed = (attempts: number, cause: string | null = null) => ({
  stage: 'refer',
  attempts,
  cause,
});

describe('what becomes of a failure', () => {
  it('is tried again with growing pauses, up to the longest', () => {
    const pauses = [0, 1, 2, 3, 4, 5, 6]
      .map((attempts) => parkOf(away, failed(attempts), policy))
      .map((one) => (one.kind === 'park' ? one.delayMs : undefined));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
  });

  it('waits as long as the other server asked for, even beyond our longest pause', () => {
    const asked = new AppError('REMOTE_UNAVAILABLE', 'The other server asks to come back later', {
      facts: { retryAfterMs: 90_000 },
    });
    expect(parkOf(asked, failed(0), policy)).toMatchObject({ waitsFor: 'worker', delayMs: 90_000 });
  });

  it('becomes an operator’s after the last attempt, with the rule that failed', () => {
    const html = new AppError('REMOTE_INVALID', 'The server did not answer with FHIR JSON', {
      facts: { status: 200 },
    });
    expect(parkOf(html, failed(policy.attempts - 2), policy)).toMatchObject({ waitsFor: 'worker' });
    expect(parkOf(html, failed(policy.attempts - 1), policy)).toEqual({
      kind: 'park',
      code: 'REMOTE_INVALID',
      facts: { status: 200, rule: 'The server did not answer with FHIR JSON' },
      waitsFor: 'operator',
    });
  });

  it('of a server that is away is tried for ever, at the longest pause', () => {
    expect(parkOf(away, failed(500), policy)).toMatchObject({
      waitsFor: 'worker',
      delayMs: 60_000,
    });
  });

  it.each(Object.entries(errorCodes))(
    'goes to an operator at once where trying again cannot help: %s',
    (code, { retryable }) => {
      const parked = parkOf(
        new AppError(code as keyof typeof errorCodes, 'Something is wrong'),
        failed(0),
        policy,
      );
      expect(parked).toMatchObject({ code, waitsFor: retryable ? 'worker' : 'operator' });
    },
  );

  it('keeps nothing of what an unknown error says', () => {
    const parked = parkOf(
      Object.assign(new Error('Maria Lopez said no'), { code: '22021' }),
      failed(0),
      policy,
    );
    expect(JSON.stringify(parked)).not.toContain('Maria');
    expect(parked).toMatchObject({
      code: 'INTERNAL',
      facts: { name: 'Error', code: '22021' },
      waitsFor: 'worker',
    });
  });

  it('survives things thrown that are no errors', () => {
    for (const thrown of [undefined, null, 'Maria Lopez', 7, {}])
      expect(parkOf(thrown, failed(0), policy)).toMatchObject({ code: 'INTERNAL' });
  });

  it('counts each cause by itself: one answer that is cut off after an outage is the first of its kind', () => {
    const cut = new AppError('REMOTE_INVALID', 'The server did not answer with FHIR JSON');
    expect(parkOf(cut, failed(500, 'REMOTE_UNAVAILABLE'), policy)).toMatchObject({
      waitsFor: 'worker',
      delayMs: 1_000,
    });
    expect(parkOf(cut, failed(policy.attempts - 1, 'REMOTE_INVALID'), policy)).toMatchObject({
      waitsFor: 'operator',
    });
  });

  it.each([
    ['left-alone', { leftAlone: true, neverSent: true, retryAfterMs: 7_000 }, 'worker', 7_000],
    ['given-back', { code: 'stopped', neverSent: true }, 'worker', 0],
    ['waits:key', { waitsFor: 'secret-key' }, 'operator', 15_000],
  ] as const)('is none where nothing was tried: %s', (outcome, facts, waitsFor, delayMs) => {
    const untried = new AppError('REMOTE_UNAVAILABLE', 'Not now', { facts });
    expect(parkOf(untried, failed(3, 'REMOTE_INVALID'), policy)).toEqual({
      ...{
        kind: 'wait',
        outcome,
        waitsFor,
        delayMs,
        quiet: true,
        unresolved: true,
        owedBy: 'partner',
      },
    });
  });

  it.each([
    ['pull', 'ehr'],
    ['write-back', 'ehr'],
    ['refer', 'partner'],
    ['track', 'partner'],
  ])(
    'says of %s whose server holds it up, and nothing of the kind about a failure of ours',
    (stage, owedBy) => {
      expect(parkOf(away, { ...failed(0), stage }, policy)).toMatchObject({
        waitsFor: 'worker',
        owedBy,
      });
      const ours = new AppError('CONFLICT', 'The pull was interrupted', { retryable: true });
      expect(parkOf(ours, { ...failed(0), stage }, policy)).not.toHaveProperty('owedBy');
    },
  );
});
