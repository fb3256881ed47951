import { AppError } from '@loopwell/kit';
import { z } from 'zod';
import type { PartnerChannel, Polled, ReferralPacket, RemoteTask } from '../../src/channel.ts';
import { deliverEach } from '../../src/deliver-each.ts';

const settings = z.strictObject({
  address: z.url(),
  apiKey: z.string().min(4),
  /** What the channel declares for a lost answer. */
  unknown: z.enum(['same-key', 'repeat', 'person']).default('same-key'),
});

type Order = { number: string; state: string; task: RemoteTask['task'] };

/** The partner's words for the statuses of a Task. */
const statuses: Readonly<Record<string, string>> = {
  open: 'requested',
  seen: 'received',
  taken: 'accepted',
  waiting: 'on-hold',
  refused: 'rejected',
  done: 'completed',
};

/**
 * A channel that only tests have, to show that the seam holds: a partner with an API of its own,
 * numbered orders, an API key and words of its own. It takes nothing back.
 */
export const toy: PartnerChannel<z.infer<typeof settings>> = {
  id: 'toy',
  address: 'http',
  door: 'copy',
  settings,
  secrets: ['apiKey'],
  connect({ address, apiKey, unknown }, { fetch }) {
    const headers = { 'content-type': 'application/json', 'x-api-key': apiKey };
    const order = async ({ key, task, need }: ReferralPacket, mayGo: () => boolean) => {
      const body = JSON.stringify({ need, task });
      const sent = { ...headers, 'idempotency-key': key };
      const request = { method: 'POST' as const, headers: sent, body, mayGo };
      const { status, text } = await fetch(`${address}/orders`, request);
      if (status >= 300)
        throw new AppError('REMOTE_REFUSED', 'The partner refused an order', { facts: { status } });
      return shown(JSON.parse(text) as Order);
    };
    const state = async (number: string): Promise<Polled> => {
      const { status, text } = await fetch(`${address}/orders/${number}`, {
        method: 'GET',
        headers,
      });
      if (status === 404) return { kind: 'gone' };
      return { kind: 'there', ...shown(JSON.parse(text) as Order) };
    };
    return {
      deliver: (packets, mayGo) =>
        deliverEach(packets, (packet) => order(packet, () => mayGo(packet.key))),
      whenUnknown: { kind: unknown },
      answers: [
        {
          kind: 'poll',
          poll: {
            async states(numbers) {
              const polled = new Map<string, Polled>();
              for (const number of numbers) polled.set(number, await state(number));
              return polled;
            },
            outputs: async ({ status, for: subject }) =>
              status === 'completed' ? [helped(subject)] : [],
          },
        },
      ],
    };
  },
};

/** Writes an order as a FHIR Task. */
function shown({ number, state, task }: Order): RemoteTask {
  const status = (statuses[state] ?? state) as RemoteTask['task']['status'];
  const base = { ...task, id: number, status };
  const output = [{ type: { text: 'resulting-activity' }, valueReference: { reference: '#done' } }];
  return {
    remoteId: number,
    status,
    task: status === 'completed' ? { ...base, output } : base,
  };
}

/** Makes the outcome of an order that is done. */
const helped = (subject: unknown) => ({
  type: { text: 'resulting-activity' },
  valueName: 'valueReference',
  content: { reference: '#done' },
  reference: '#done',
  resource: {
    resourceType: 'Procedure',
    id: 'done',
    status: 'completed',
    code: { text: 'Groceries' },
    subject,
    performedDateTime: '2026-11-29',
  },
  unread: null,
});
