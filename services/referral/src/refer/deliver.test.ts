import { AppError } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { deliver, type Sender } from './deliver.ts';
import type { Outgoing } from './model.ts';

const outgoing = (ask?: Partial<NonNullable<Outgoing['ask']>>): Outgoing =>
  ({
    partner: 'pantry',
    ...(ask ? { ask: { resend: true, deniedBefore: true, notKept: 0, ...ask } } : {}),
  }) as Outgoing;

const there = { kind: 'there', remoteId: 'x', status: 'requested' } as const;

type Ask = Extract<Sender['whenUnknown'], { kind: 'ask' }>['ask'];
type Asked = Awaited<ReturnType<Ask>>;

function senderOf(answers: {
  send?: Awaited<ReturnType<Sender['send']>> | Error;
  ask?: Asked | Error;
  whenUnknown?: Sender['whenUnknown'];
}) {
  const calls: string[] = [];
  const answer = <T>(name: string, value: T | Error | undefined) => {
    calls.push(name);
    if (value instanceof Error || value === undefined)
      throw value ?? new Error(`unexpected ${name}`);
    return value;
  };
  const sender: Sender = {
    send: async () => answer('send', answers.send),
    whenUnknown: answers.whenUnknown ?? {
      kind: 'ask',
      ask: async () => answer('ask', answers.ask),
    },
  };
  return { sender, calls };
}

const open = { isOurs: () => true, isHeld: async () => false };
const refused = (status: number, more: object = {}) =>
  new AppError('REMOTE_REFUSED', 'refused', {
    facts: { status, issueCode: 'business-rule', ...more },
  });

describe('delivering a Task', () => {
  it('sends one that was never sent without asking', async () => {
    const { sender, calls } = senderOf({ send: there });
    expect(await deliver(sender, outgoing(), open)).toEqual({
      kind: 'there',
      remoteId: 'x',
      status: 'requested',
    });
    expect(calls).toEqual(['send']);
  });

  it.each([400, 401, 403, 404, 409, 422])(
    'takes a %i to the POST for a refusal',
    async (status) => {
      expect(await deliver(senderOf({ send: refused(status) }).sender, outgoing(), open)).toEqual({
        kind: 'refused',
        status,
        issueCode: 'business-rule',
      });
    },
  );

  it.each([301, 302, 408, 425, 429, 500])('takes a %i for no refusal', async (status) => {
    expect(
      await deliver(senderOf({ send: refused(status) }).sender, outgoing(), open),
    ).toMatchObject({ kind: 'failed' });
  });

  it('takes the refusal of a token, before anything was sent, for no refusal of the Task', async () => {
    expect(
      await deliver(senderOf({ send: refused(401, { neverSent: true }) }).sender, outgoing(), open),
    ).toMatchObject({ kind: 'failed' });
  });

  it('never takes the refusal of a question for a refusal of the Task: it may be there', async () => {
    const { sender, calls } = senderOf({ ask: refused(400) });
    expect(await deliver(sender, outgoing({}), open)).toMatchObject({ kind: 'failed' });
    expect(calls).toEqual(['ask']);
  });

  it('does not send when a hold came in between', async () => {
    const { sender, calls } = senderOf({ ask: { kind: 'not-there' } });
    const held = { ...open, isHeld: async () => true };
    expect(await deliver(sender, outgoing(), held)).toEqual({ kind: 'held' });
    expect(await deliver(sender, outgoing({}), held)).toEqual({ kind: 'held' });
    expect(calls).toEqual(['ask']);
  });

  it('fails, and sends nothing, when nobody can say whether there is a hold', async () => {
    const { sender, calls } = senderOf({ send: there });
    expect(
      await deliver(sender, outgoing(), {
        ...open,
        isHeld: async () => Promise.reject(new Error('away')),
      }),
    ).toMatchObject({
      kind: 'failed',
    });
    expect(calls).toEqual([]);
  });
});

describe('a Task that may have arrived', () => {
  it.each<[string, Parameters<typeof outgoing>[0], Asked, string, string[]]>([
    ['is found', {}, there, 'there', ['ask']],
    ['cannot be asked for', {}, { kind: 'cannot-tell' }, 'cannot-tell', ['ask']],
    [
      'was denied once: that is not enough',
      { deniedBefore: false },
      { kind: 'not-there' },
      'not-there',
      ['ask'],
    ],
    ['was denied twice: it goes again', {}, { kind: 'not-there' }, 'there', ['ask', 'send']],
    [
      'was denied twice and may not go any more',
      { resend: false },
      { kind: 'not-there' },
      'abandoned',
      ['ask'],
    ],
    [
      'was welcomed twice and never kept: the next partner',
      { notKept: 2 },
      { kind: 'not-there' },
      'refused',
      ['ask'],
    ],
  ])('%s', async (_name, how, answer, kind, called) => {
    const { sender, calls } = senderOf({ ask: answer, send: there });
    expect(await deliver(sender, outgoing(how), open)).toMatchObject({ kind });
    expect(calls).toEqual(called);
  });
});

describe('a Task that may have arrived, by a channel that does not ask', () => {
  it.each([
    ['same-key', {}, 'there', ['send']],
    ['repeat', {}, 'there', ['send']],
    ['person', {}, 'cannot-tell', []],
    ['same-key', { resend: false }, 'cannot-tell', []],
    ['repeat', { resend: false }, 'cannot-tell', []],
    ['person', { resend: false }, 'cannot-tell', []],
  ] as const)('%s: with %o it is %s', async (kind, how, delivered, called) => {
    const { sender, calls } = senderOf({ send: there, whenUnknown: { kind } });
    expect(await deliver(sender, outgoing(how), open)).toMatchObject({ kind: delivered });
    expect(calls).toEqual(called);
  });

  it('sends nothing again while there is a hold', async () => {
    const { sender, calls } = senderOf({ send: there, whenUnknown: { kind: 'same-key' } });
    const held = { ...open, isHeld: async () => true };
    expect(await deliver(sender, outgoing({}), held)).toEqual({ kind: 'held' });
    expect(calls).toEqual([]);
  });
});
