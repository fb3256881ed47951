import { createFhirClient } from '@loopwell/fhir/client';
import { AppError, type Clock, fingerprint } from '@loopwell/kit';
import { createOutboundFetch, type Outbound } from '@loopwell/outbound';
import type { ChannelPorts, ChannelShelf, PartnerConnection, Poll } from '@loopwell/partners';
import type { TaskRow } from '@loopwell/store';
import type { Destination, SettingsOf } from './directory/partner-settings.ts';
import type { SendTokens } from './directory/send-tokens.ts';
import type { Report } from './track/poll/polled-task.ts';

/** Connects to the partner of a Task by the channel of the Task. */
export type Partners = (destination: Destination) => Promise<PartnerConnection>;

export type PartnersOptions = {
  outbound: Outbound;
  sendTokens: SendTokens;
  clock: Clock;
  shelf: ChannelShelf;
  settingsOf: SettingsOf;
  messages: ChannelPorts['messages'];
};

/** Makes a function that connects to partners, each with its own limits, breaker and bearer. */
export function createPartners({ shelf, settingsOf, ...options }: PartnersOptions): Partners {
  const ports = portsOf(options);
  const open = new Map<string, PartnerConnection>();
  return async (destination) => {
    const { channel: id } = destination;
    const channel = shelf[id];
    if (!channel)
      throw new AppError('NOT_FOUND', 'No such partner channel', { facts: { channel: id } });
    const settings = await settingsOf(destination);
    const key = fingerprint(`${id} ${JSON.stringify(settings)}`);
    const connection = open.get(key) ?? channel.connect(settings, ports);
    open.set(key, connection);
    return connection;
  };
}

type Outside = Omit<PartnersOptions, 'shelf' | 'settingsOf'>;

/** Makes what a channel may use to reach a partner. */
function portsOf({ outbound, sendTokens, clock, messages }: Outside): ChannelPorts {
  return {
    clock,
    messages,
    fetch: createOutboundFetch(outbound),
    fhirClient(base) {
      const bearer = async () => sendTokens.get(base);
      return createFhirClient({ base, outbound, credentials: { bearer, renew: bearer }, clock });
    },
  };
}

/** Gives the way in which a partner is polled; undefined if its answers come otherwise. */
export function pollOf({ answers }: PartnerConnection): Poll | undefined {
  for (const door of answers) if (door.kind === 'poll') return door.poll;
  return undefined;
}

/**
 * Asks one server for all of its Tasks of a batch, with the settings of each partner there. Keys
 * are our Task ids.
 */
export async function pollTasks(
  partners: Partners,
  taskRows: readonly TaskRow[],
): Promise<Map<string, Report>> {
  const reports = new Map<string, Report>();
  for (const tasks of Map.groupBy(taskRows, ({ partner }) => partner).values()) {
    const [first] = tasks;
    const poll = first && pollOf(await partners(first));
    const reported = poll ? await reportsOf(poll, tasks) : asTheyAre(tasks);
    for (const [id, report] of reported) reports.set(id, report);
  }
  return reports;
}

async function reportsOf(poll: Poll, taskRows: readonly TaskRow[]) {
  const remote = await poll.states(taskRows.flatMap((task) => task.remote_id ?? []));
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

/** Gives the reports of Tasks that nobody polls. Answers that arrive otherwise move them. */
const asTheyAre = (taskRows: readonly TaskRow[]) =>
  new Map(taskRows.map(({ id, status }): [string, Report] => [id, { kind: 'there', status }]));
