import { createFhirClient, type Outbound } from '@loopwell/fhir/client';
import { AppError, type Clock, deriveId } from '@loopwell/kit';
import { type Channel, channels } from '@loopwell/partners';
import { ownProcedure } from '@loopwell/sdoh';
import type { TaskRow } from '@loopwell/store';
import type { SendTokens } from './directory/send-tokens.ts';
import type { Report } from './track/track.ts';
import type { LearntOutputs } from './track/work.ts';

/** One channel per partner address, each with its own limits and breaker, and the bearer that was configured for it. */
export function createPartners(options: { outbound: Outbound; sendTokens: SendTokens; clock: Clock }) {
  const open = new Map<string, Channel>();
  return (address: string, channelId: string): Channel => {
    const key = `${channelId} ${address}`;
    const known = open.get(key);
    if (known) return known;
    const make = channels[channelId];
    if (!make) throw new AppError('NOT_FOUND', 'No such partner channel', { facts: { channelId } });
    const bearer = async () => options.sendTokens.get(address);
    const credentials = { bearer, renew: bearer };
    const client = createFhirClient({ base: address, outbound: options.outbound, credentials, clock: options.clock });
    const channel = make(client);
    open.set(key, channel);
    return channel;
  };
}

/** Asks one partner for all of its Tasks of a batch; keys are our Task ids. */
export async function pollTasks(channel: Channel, some: readonly TaskRow[]): Promise<Map<string, Report>> {
  const remote = await channel.poll(some.flatMap((task) => task.remote_id ?? []));
  return new Map(
    some.map((task): [string, Report] => {
      const one = task.remote_id === null ? undefined : remote.get(task.remote_id);
      if (one?.kind === 'there') return [task.id, { kind: 'there', status: one.status, etag: one.etag }];
      return [task.id, one ?? { kind: 'gone' }];
    }),
  );
}

/** A partner's Procedures with our references in place of theirs, under ids derived from where they came from. */
export async function copyOutputs(
  channel: Channel,
  task: TaskRow,
  context: { serviceRequest: string | null; identifierSystem: string },
): Promise<LearntOutputs> {
  const { procedures, unread } = await channel.outputs(task.remote_id ?? '');
  const copies = procedures.map((one) => {
    const id = deriveId(task.organisation, 'procedure', task.partner, task.address, one.id ?? '');
    const own = ownProcedure(one, { ...context, id, person: task.person });
    return { id, body: JSON.stringify(own) };
  });
  return { copies, unread };
}
