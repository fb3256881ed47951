import { AppError } from '@loopwell/kit';
import { judgeReported } from '@loopwell/sdoh';
import type { LedgerRow, TaskRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import type { ReferralSettings } from '../settings.ts';
import { notAskedYet } from './polled-task.ts';
import { type Said, track } from './track.ts';

const now = new Date('2026-11-24T12:00:00Z');
const later = new Date('2026-11-25T12:00:00Z');
const earlier = new Date('2026-11-23T12:00:00Z');
const taskOf = (status: string, accept_by: Date | null = later) =>
  ({ id: 't', status, accept_by }) as TaskRow;
const reported = (from: string, to: string, accept_by?: Date) =>
  track(taskOf(from, accept_by ?? later), { kind: 'there', status: to }, judgeReported, now);

describe('a status that a partner reports', () => {
  it.each([
    ['requested', 'received', { kind: 'moved', to: 'received', unseen: [] }],
    ['requested', 'accepted', { kind: 'moved', to: 'accepted', unseen: [] }],
    ['received', 'accepted', { kind: 'moved', to: 'accepted', unseen: [] }],
    ['requested', 'in-progress', { kind: 'moved', to: 'in-progress', unseen: ['accepted'] }],
    ['requested', 'on-hold', { kind: 'moved', to: 'on-hold', unseen: ['accepted'] }],
    ['requested', 'completed', { kind: 'completed', unseen: ['accepted'] }],
    [
      'requested',
      'failed',
      { kind: 'ended', to: 'failed', unseen: ['accepted'], why: 'partner-failed' },
    ],
    ['requested', 'rejected', { kind: 'declined', to: 'rejected', unseen: [] }],
    ['received', 'rejected', { kind: 'declined', to: 'rejected', unseen: [] }],
    [
      'accepted',
      'rejected',
      { kind: 'ended', to: 'rejected', unseen: [], why: 'rejected-after-acceptance' },
    ],
    [
      'in-progress',
      'rejected',
      { kind: 'ended', to: 'rejected', unseen: [], why: 'rejected-after-acceptance' },
    ],
    [
      'on-hold',
      'rejected',
      { kind: 'ended', to: 'rejected', unseen: [], why: 'rejected-after-acceptance' },
    ],
    [
      'requested',
      'cancelled',
      { kind: 'ended', to: 'cancelled', unseen: [], why: 'cancelled-by-partner' },
    ],
    [
      'in-progress',
      'cancelled',
      { kind: 'ended', to: 'cancelled', unseen: [], why: 'cancelled-by-partner' },
    ],
    ['on-hold', 'in-progress', { kind: 'moved', to: 'in-progress', unseen: [] }],
    ['in-progress', 'completed', { kind: 'completed', unseen: [] }],
  ])('from %s to %s is believed', (from, to, step) => expect(reported(from, to)).toEqual(step));

  it.each([
    ...['completed', 'failed', 'rejected', 'cancelled', 'entered-in-error'].map((from) => [
      from,
      'accepted',
    ]),
    ...['received', 'accepted', 'in-progress', 'on-hold'].map((from) => [from, 'requested']),
    ...['accepted', 'in-progress', 'on-hold'].map((from) => [from, 'received']),
    ['in-progress', 'accepted'],
    ['requested', 'draft'],
    ['requested', 'entered-in-error'],
  ])('from %s to %s is illegal', (from, to) =>
    expect(reported(from ?? '', to ?? '')).toEqual({ kind: 'illegal', reported: to }),
  );
});

describe('a status that FHIR does not know', () => {
  it.each(
    ['requested', 'received', 'accepted', 'in-progress', 'on-hold'].flatMap((from) =>
      ['ready', 'Completed', 'COMPLETED', 'done', '', ' completed', 'constructor'].map((to) => [
        from,
        to,
      ]),
    ),
  )('from %s to %j is taken for nothing, and told to a person after the deadline', (from, to) => {
    expect(reported(from ?? '', to ?? '')).toEqual({ kind: 'unchanged' });
    expect(reported(from ?? '', to ?? '', earlier)).toEqual({ kind: 'unreadable', reported: to });
  });
});

describe('what is said beside a status', () => {
  const said = (from: string, status: string, more: Said) =>
    track(taskOf(from), { kind: 'there', status, statement: more }, judgeReported, now);

  it.each(['person-declined', 'wrong-contact', 'unable-to-reach', 'did-not-come'] as const)(
    '%s speaks of the person: nobody else is asked, whatever the Task was',
    (reason) => {
      for (const [from, to] of [
        ['requested', 'rejected'],
        ['received', 'rejected'],
        ['accepted', 'rejected'],
        ['in-progress', 'failed'],
        ['accepted', 'cancelled'],
      ] as const)
        expect(said(from, to, { reason })).toMatchObject({ kind: 'ended', to, why: reason });
    },
  );

  it('tells a cancellation of ours from one of the partner', () => {
    expect(said('requested', 'cancelled', { cancelledFor: 'not-accepted-in-time' })).toEqual({
      kind: 'declined',
      to: 'cancelled',
      unseen: [],
      reason: 'not-accepted-in-time',
    });
  });

  it.each(['completed', 'rejected', 'accepted', 'requested', 'Completed'])(
    'is not acted on when the Task is odd, though it is %s',
    (status) => {
      expect(said('accepted', status, { odd: ['other-person'] })).toEqual({
        kind: 'odd',
        oddities: ['other-person'],
      });
    },
  );
});

describe('silence', () => {
  it.each(['requested', 'received'])('is a Task that is still %s after its deadline', (status) => {
    expect(reported(status, status, earlier)).toEqual({ kind: 'silent' });
    expect(reported(status, status)).toEqual({ kind: 'unchanged' });
  });

  it.each(['accepted', 'in-progress', 'on-hold'])(
    'is not a Task that is %s, however long it takes',
    (status) => {
      expect(reported(status, status, earlier)).toEqual({ kind: 'unchanged' });
    },
  );

  it('ends with the first answer, even one that comes late', () =>
    expect(reported('requested', 'accepted', earlier)).toMatchObject({ kind: 'moved' }));
});

it('tells a Task that is gone from one that could not be asked for', () => {
  expect(track(taskOf('accepted'), { kind: 'gone' }, judgeReported, now)).toEqual({ kind: 'gone' });
  const error = new Error('away');
  expect(track(taskOf('accepted'), { kind: 'failed', error }, judgeReported, now)).toEqual({
    kind: 'not-asked',
    error,
  });
});

describe('a partner that cannot be asked', () => {
  const deps = { settings: { pollMs: 1_000 } as ReferralSettings, clock: { now: () => now } };
  const away = new AppError('REMOTE_UNAVAILABLE', 'away', { facts: { retryAfterMs: 7_000 } });
  const of = (status: string, accept_by: Date, attempts: number, error: unknown = away) =>
    notAskedYet(
      deps,
      { row: { attempts, cause: null } as LedgerRow, task: taskOf(status, accept_by) },
      error,
    );

  it('is asked again for as long as it takes, no sooner than it asks for', () => {
    expect(of('accepted', earlier, 0)).toMatchObject({
      kind: 'park',
      waitsFor: 'partner',
      delayMs: 7_000,
    });
    expect(of('accepted', earlier, 500)).toMatchObject({ waitsFor: 'partner', delayMs: 300_000 });
    expect(of('requested', later, 500)).toMatchObject({ waitsFor: 'partner' });
  });

  it("becomes a person's when its silence should end and cannot be ended", () => {
    expect(of('requested', earlier, 3)).toMatchObject({ waitsFor: 'partner' });
    expect(of('requested', earlier, 7)).toMatchObject({
      waitsFor: 'operator',
      code: 'REMOTE_UNAVAILABLE',
    });
  });

  it("becomes a person's at once when asking again cannot help", () => {
    expect(
      of('accepted', later, 0, new AppError('REMOTE_REFUSED', 'no', { facts: { status: 403 } })),
    ).toMatchObject({
      waitsFor: 'operator',
    });
  });
});
