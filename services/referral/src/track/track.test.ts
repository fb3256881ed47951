import { AppError } from '@loopwell/kit';
import { judgeReported } from '@loopwell/sdoh';
import type { InboxRow, LedgerRow, TaskRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import type { ReferralSettings } from '../settings.ts';
import { silenceWords } from './our-words.ts';
import { notAskedYet } from './poll/polled-task.ts';
import { track } from './track.ts';

const now = new Date('2026-11-24T12:00:00Z');
const later = new Date('2026-11-25T12:00:00Z');
const earlier = new Date('2026-11-23T12:00:00Z');
const taskOf = (status: string, accept_by: Date | null = later, more: Partial<TaskRow> = {}) =>
  ({ id: 't', status, live: true, accept_by, ...more }) as TaskRow;
const rowOf = (status: string, more: Partial<InboxRow> = {}) =>
  ({
    id: 1,
    status,
    codes: '[]',
    oddities: '[]',
    reason: null,
    read_outputs: '[]',
    body: null,
    is_partial: false,
    recorded_by: 'system:referral',
    ...more,
  }) as InboxRow;
const take = (task: TaskRow, ...rows: InboxRow[]) =>
  track({ task, serviceRequest: null }, rows, judgeReported, now);
const reported = (from: string, to: string, accept_by?: Date) =>
  take(taskOf(from, accept_by ?? later), rowOf(to)).next;

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
    expect(reported(from ?? '', to ?? '')).toEqual({ kind: 'waits' });
    expect(reported(from ?? '', to ?? '', earlier)).toEqual({ kind: 'unreadable', reported: to });
  });
});

describe('what is said beside a status', () => {
  const step = (from: string, status: string, more: Partial<InboxRow>) =>
    take(taskOf(from), rowOf(status, more)).next;
  const because = (code: string) =>
    JSON.stringify([{ system: 'https://loopwell.example/CodeSystem/decline-reason', code }]);

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
        expect(step(from, to, { codes: because(reason) })).toMatchObject({
          kind: 'ended',
          to,
          why: reason,
        });
    },
  );

  it.each([
    ['requested', silenceWords, 'not-accepted-in-time'],
    ['received', silenceWords, 'not-accepted-in-time'],
    ['accepted', silenceWords, undefined],
    ['in-progress', silenceWords, undefined],
    ['in-progress', 'The consent to share was taken back', 'consent-revoked'],
    ['requested', 'Full', undefined],
  ])('tells our own cancellation of a Task that was %s, %j, for %s', (from, words, reason) => {
    const expected = reason === undefined ? { kind: 'ended' } : { kind: 'declined', reason };
    expect(step(from, 'cancelled', { reason: words })).toMatchObject(expected);
  });

  it('takes the same words by phone for the words of the partner', () => {
    const byPhone = { reason: silenceWords, recorded_by: 'person:rea' };
    const why = 'cancelled-by-partner';
    expect(step('requested', 'cancelled', byPhone)).toMatchObject({ kind: 'ended', why });
  });

  it.each(['completed', 'rejected', 'accepted', 'requested', 'Completed'])(
    'is not acted on when the Task is odd, though it is %s',
    (status) => {
      expect(step('accepted', status, { oddities: '["other-person"]' })).toEqual({
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

describe('several answers that wait', () => {
  const kinds = (task: TaskRow, ...statuses: string[]) =>
    take(task, ...statuses.map((status, id) => rowOf(status, { id }))).looks.map(
      ({ step }) => step.kind,
    );

  it.each([
    ['one after the other', 'requested', ['accepted', 'in-progress'], ['moved', 'moved']],
    ['an end and then more', 'accepted', ['failed', 'in-progress'], ['ended', 'late']],
    ['a move that is not allowed first', 'accepted', ['requested', 'failed'], ['illegal', 'ended']],
    ['the same twice', 'requested', ['accepted', 'accepted'], ['moved', 'unchanged']],
    ['nothing', 'requested', [], []],
  ])('are taken in order: %s', (_name, from, statuses, expected) =>
    expect(kinds(taskOf(from), ...statuses)).toEqual(expected),
  );

  it('end in silence only where none of them moves the Task', () => {
    const silent = taskOf('requested', earlier);
    expect(take(silent).next).toEqual({ kind: 'silent' });
    const held = { task: silent, serviceRequest: null, heldUntil: later };
    expect(track(held, [], judgeReported, now).next).toEqual({ kind: 'unchanged' });
    expect(take(silent, rowOf('requested')).next).toEqual({ kind: 'silent' });
    expect(take(silent, rowOf('received')).next).toMatchObject({ kind: 'moved' });
    expect(take(silent, rowOf('ready')).next).toMatchObject({ kind: 'unreadable' });
  });

  it('wait for their outputs where these could not be read', () => {
    const { looks, next } = take(taskOf('accepted'), rowOf('completed', { is_partial: true }));
    expect([looks[0]?.step, next]).toEqual([{ kind: 'waits' }, { kind: 'waits' }]);
  });

  it('move nothing of a Task that has ended, and show help that comes late', () => {
    const done = taskOf('completed', null, { live: false, reason: 'no-outcome' });
    const output = { type: { text: 'Done' }, valueName: 'valueString', content: 'A box' };
    const outputs = JSON.stringify([{ ...output, reference: null, resource: null, unread: null }]);
    const { looks, task } = take(done, rowOf('completed', { read_outputs: outputs }));
    expect(looks[0]).toMatchObject({ step: { kind: 'late' }, outcome: { verdict: 'helped' } });
    expect(task).toBe(done);
    expect(take(done).next).toEqual({ kind: 'late' });
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
