import { describe, expect, it } from 'vitest';
import { lockoutOf, saidIn, waitInWords } from './lockout.ts';

const now = new Date('2026-11-29T14:58:00Z');

describe('how long a receiver asks to be left alone', () => {
  it.each([
    ['User Rate Limit Exceeded, Try in another 844 seconds', 844],
    ['Try again in 14 minutes', 840],
    ['Try again in 14 minutes and 4 seconds.', 844],
    ['Please wait 14m4s before the next call', 844],
    ['wait 1 hour', 3_600],
    ['Try again in an hour', 3_600],
    ['Retry in one minute', 60],
    ['rate limit: 30 calls per 15 minutes exceeded; retry after 90 seconds', 90],
    ['150 requests in 60 seconds exceeded, retry after 7 s', 7],
    ['A limit of 30 calls in a 15 minute window was reached. Wait 2.5 minutes.', 150],
    ['Rate limit exceeded. 12 secs remaining', 12],
    ['backoff 1500ms', 1.5],
    ['retry_after 844', 844],
    ['Retry-After: 30', 30],
    ['Locked for PT14M4S', 844],
    ['Try again in 14:04', 844],
    ['Try again in 00:14:04', 844],
    ['Locked until 2026-11-29T15:12:04Z', 844],
    ['Locked until 2026-11-29 15:12:04', 844],
    ['Locked until 2026-11-29T09:12:04-06:00', 844],
    ['Locked until Sun, 29 Nov 2026 15:12:04 GMT', 844],
    ['Locked until 15:12', 840],
    ['Locked until 2026-11-29T14:00:00Z', 0],
    ['Locked for 3 hours', 3_600],
  ])('%s', (said, seconds) => {
    expect(waitInWords(said, now)).toBe(seconds * 1_000);
  });

  it.each([
    'Limit of 30 calls per 15 minutes exceeded',
    'System Rate Limit Exceeded',
    'Locked until 03:00',
    'quota: 5 per second',
    '',
  ])('is not said in: %s', (said) => expect(waitInWords(said, now)).toBeUndefined());

  it.each([
    [{ issue: [{ code: 'x', diagnostics: 'Try in 9 seconds' }] }, 9],
    [{ error: { message: 'Too many requests', details: [{ retryAfter: 12 }] } }, 12],
    [{ message: 'slow down', retry_after: 13 }, 13],
    ['<html><body>Try again in 14 minutes</body></html>', 840],
    ['wait 5 s', 5],
  ])('is found in whatever body it stands in', (body, seconds) => {
    expect(waitInWords(saidIn(body), now)).toBe(seconds * 1_000);
  });

  const refused = (more: {
    status?: number;
    headers?: Record<string, string>;
    issueCode?: string;
    words?: string;
  }) =>
    lockoutOf(
      {
        status: 429,
        issueCode: undefined,
        words: '',
        ...more,
        headers: new Headers(more.headers ?? {}),
      },
      now,
    );

  it('goes by the header first, and by its own clock', () => {
    expect(refused({ headers: { 'retry-after': '30' }, words: 'wait 9 seconds' })).toEqual({
      askedMs: 30_000,
    });
    const headers = {
      date: 'Sun, 29 Nov 2026 13:00:00 GMT',
      'retry-after': 'Sun, 29 Nov 2026 13:00:20 GMT',
    };
    expect(refused({ headers })).toEqual({ askedMs: 20_000 });
    expect(refused({ headers: { 'ratelimit-reset': '15' } })).toEqual({ askedMs: 15_000 });
    expect(
      refused({ headers: { 'x-ratelimit-reset': String(now.getTime() / 1_000 + 25) } }),
    ).toEqual({ askedMs: 25_000 });
    expect(refused({})).toEqual({ askedMs: undefined });
  });

  it('is a lock-out under other names too, and an outage is none', () => {
    expect(refused({ status: 403, words: 'User Rate Limit Exceeded' })).toEqual({
      askedMs: undefined,
    });
    expect(refused({ status: 200, issueCode: 'throttled', words: 'wait 3 s' })).toEqual({
      askedMs: 3_000,
    });
    expect(refused({ status: 503, headers: { 'retry-after': '20' } })).toEqual({ askedMs: 20_000 });
    expect(refused({ status: 503, words: 'down for 20 minutes' })).toBeUndefined();
    expect(refused({ status: 403, words: 'Not authorized' })).toBeUndefined();
  });
});
