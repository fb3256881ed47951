import { describe, expect, it } from 'vitest';
import {
  brokenPhoneRule,
  type PhoneAnswer,
  phoneStatusesFrom,
  statusAfter,
  withoutLegalReason,
} from './phone-answer.ts';

const now = new Date('2026-11-28T16:00:00Z');
const sentAt = new Date('2026-11-28T14:30:45Z');
const answer = (more: Partial<PhoneAnswer>): PhoneAnswer => ({
  status: 'accepted',
  saidBy: 'Sue',
  at: new Date('2026-11-28T15:00:00Z'),
  ...more,
});
const broken = (from: string, more: Partial<PhoneAnswer>) =>
  brokenPhoneRule(answer(more), { status: from, sentAt }, now);

describe('an answer by phone', () => {
  it.each<[string, string, Partial<PhoneAnswer>]>([
    ['takes the Task', 'requested', {}],
    ['skips a step, as a partner that acted before we rang', 'requested', { status: 'completed' }],
    ['ends with a reason', 'accepted', { status: 'failed', reason: 'She moved away' }],
    ['gives back what was accepted', 'in-progress', { status: 'rejected', reason: 'Full' }],
    ['adds a note and moves nothing', 'accepted', { note: 'She comes on Monday' }],
    ['came in the minute of the send', 'requested', { at: new Date('2026-11-28T14:30:00Z') }],
    ['comes just now', 'requested', { at: now }],
  ])('is accepted where it %s', (_name, from, more) => expect(broken(from, more)).toBeUndefined());

  it.each<[string, string, Partial<PhoneAnswer>, object]>([
    [
      'is of the future',
      'requested',
      { at: new Date('2026-11-28T16:01:00Z') },
      { field: 'at', rule: 'future' },
    ],
    [
      'is older than the Task',
      'requested',
      { at: new Date('2026-11-28T14:29:59Z') },
      { field: 'at', rule: 'before-sent' },
    ],
    ...['rejected', 'failed', 'cancelled'].map((status): [string, string, object, object] => [
      `is ${status} without a reason`,
      'accepted',
      { status, note: 'words elsewhere' },
      { field: 'reason', rule: 'required' },
    ]),
    ['says nothing new', 'accepted', {}, { field: 'note', rule: 'nothing-new' }],
    [
      'goes back',
      'in-progress',
      { status: 'accepted' },
      { field: 'status', rule: 'move-not-allowed' },
    ],
    [
      'comes after the end',
      'rejected',
      { status: 'accepted' },
      { field: 'status', rule: 'move-not-allowed' },
    ],
    [
      'is no status',
      'requested',
      { status: 'done' },
      { field: 'status', rule: 'move-not-allowed' },
    ],
  ])('is refused where it %s', (_name, from, more, rule) =>
    expect(broken(from, more)).toEqual(rule),
  );

  it.each(['rejected', 'failed', 'cancelled'])('of legal help is %s without a reason', (status) => {
    const legal = { status: 'accepted', sentAt, isLegal: true };
    const why = { reason: 'kanari', reasonCode: 'person-declined', note: 'kanari' } as const;
    expect(brokenPhoneRule(answer({ status }), legal, now)).toBeUndefined();
    expect(withoutLegalReason(answer({ status, ...why }))).toEqual(answer({ status }));
    const onHold = answer({ status: 'on-hold', note: 'Until Monday' });
    expect(withoutLegalReason(onHold)).toEqual(onHold);
  });

  it.each([
    [
      'requested',
      [
        'received',
        'accepted',
        'in-progress',
        'on-hold',
        'completed',
        'rejected',
        'failed',
        'cancelled',
      ],
    ],
    ['in-progress', ['in-progress', 'on-hold', 'completed', 'rejected', 'failed', 'cancelled']],
    ['completed', []],
  ])('may say of a Task that is %s: %j', (from, statuses) =>
    expect(phoneStatusesFrom(from)).toEqual(statuses),
  );

  it.each([
    ['requested', ['accepted', 'in-progress'], 'in-progress'],
    ['accepted', ['requested', 'done', 'failed'], 'failed'],
    ['accepted', [], 'accepted'],
  ])('is judged after those that wait: %s, then %j', (from, waiting, after) =>
    expect(
      statusAfter(
        from,
        waiting.map((status) => ({ status })),
      ),
    ).toBe(after),
  );
});
