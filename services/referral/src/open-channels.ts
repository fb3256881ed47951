import { createFhirClient, type Outbound } from '@loopwell/fhir/client';
import { AppError, type Clock } from '@loopwell/kit';
import { type Channel, channels } from '@loopwell/partners';
import type { TaskRow } from '@loopwell/store';
import type { SendTokens } from './directory/send-tokens.ts';
import type { Report } from './track/polled-task.ts';

/**
 * Makes a function that opens one channel per partner address, each with its own limits, its own
 * breaker and the bearer that is configured for it.
 */
export function createPartners(options: {
  outbound: Outbound;
  sendTokens: SendTokens;
  clock: Clock;
}) {
  const open = new Map<string, Channel>();
  return (address: string, channelId: string): Channel => {
    const key = `${channelId} ${address}`;
    const opened = open.get(key);
    if (opened) return opened;
    const make = channels[channelId];
    if (!make) throw new AppError('NOT_FOUND', 'No such partner channel', { facts: { channelId } });
    const bearer = async () => options.sendTokens.get(address);
    const credentials = { bearer, renew: bearer };
    const client = createFhirClient({
      base: address,
      outbound: options.outbound,
      credentials,
      clock: options.clock,
    });
    const channel = make(client);
    open.set(key, channel);
    return channel;
  };
}

/** Asks one partner for all of its Tasks of a batch. Keys are our Task ids. */
export async function pollTasks(
  channel: Channel,
  taskRows: readonly TaskRow[],
): Promise<Map<string, Report>> {
  const remote = await channel.poll(taskRows.flatMap((task) => task.remote_id ?? []));
  return new Map(
    taskRows.map((task): [string, Report] => {
      const polled = task.remote_id === null ? undefined : remote.get(task.remote_id);
      if (polled?.kind === 'there')
        return [
          task.id,
          { kind: 'there', status: polled.status, etag: polled.etag, body: polled.task },
        ];
      return [task.id, polled ?? { kind: 'gone' }];
    }),
  );
}
