import { receiverOf } from '@loopwell/messages';
import type { ChannelPorts } from '@loopwell/partners';
import { type Database, taskDeliveries } from '@loopwell/store';
import type { TellPartner } from './tell-partner.ts';

const schemes = { email: 'mailto:', text: 'tel:' } as const;

/**
 * Makes the way by which channels tell partners. A message about requests that are new is about all
 * that are on their way to its address by then, so that several of one moment are one message. What
 * goes to one address goes one after the other.
 */
export function messagesOf(
  db: Database,
  tellPartner: TellPartner | undefined,
): ChannelPorts['messages'] {
  if (tellPartner === undefined) return async () => notSetUp;
  const inLine = linesOf();
  return (notice) => {
    const { way: channel, to, tasks, partner } = notice;
    const address = `${schemes[channel]}${to}`;
    const place = {
      channel,
      address,
      receiver: receiverOf(to),
      partner,
    };
    return inLine(address, async () => {
      const untold = await db.tx((tx) => taskDeliveries.untoldTasks(tx, place));
      const isNew = tasks.every((task) => untold.includes(task));
      return tellPartner(isNew ? { ...notice, tasks: untold } : notice);
    });
  };
}

/** Makes lines, one for each name: what stands in one is done one after the other. */
function linesOf() {
  const last = new Map<string, Promise<unknown>>();
  return <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(name) ?? Promise.resolve();
    const done = before.then(work, work);
    last.set(name, done);
    return done;
  };
}

const notSetUp = { state: 'failed', code: 'not-set-up' } as const;
