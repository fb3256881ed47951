import type { fhir4 } from '@loopwell/fhir';
import { createFhirClient, type Outbound } from '@loopwell/fhir/client';
import { AppError, type Clock, deriveId } from '@loopwell/kit';
import { type Channel, channels } from '@loopwell/partners';
import type { TaskRow } from '@loopwell/store';
import type { SendTokens } from './directory/send-tokens.ts';
import type { OutputCopy } from './track/stage.ts';
import type { Report } from './track/track.ts';

/** One channel per partner address, each with its own limits and breaker, and the bearer that was configured for it. */
export function createPartners(options: { outbound: Outbound; sendTokens: SendTokens; clock: Clock }) {
  const open = new Map<string, Channel>();
  return (address: string, channelId: string): Channel => {
    const known = open.get(address);
    if (known) return known;
    const make = channels[channelId];
    if (!make) throw new AppError('NOT_FOUND', 'No such partner channel', { facts: { channelId } });
    const bearer = async () => options.sendTokens.get(address);
    const credentials = { bearer, renew: bearer };
    const client = createFhirClient({ base: address, outbound: options.outbound, credentials, clock: options.clock });
    const channel = make(client);
    open.set(address, channel);
    return channel;
  };
}

export type Partners = ReturnType<typeof createPartners>;

/** Asks one partner for all of its Tasks of a batch; keys are our Task ids. */
export async function pollTasks(channel: Channel, some: readonly TaskRow[]): Promise<Map<string, Report>> {
  const remote = await channel.poll(some.flatMap((task) => task.remote_id ?? []));
  return new Map(
    some.map((task) => {
      const one = task.remote_id === null ? undefined : remote.get(task.remote_id);
      return [task.id, one ? { status: one.status, etag: one.etag, outputs: one.task.output?.length ?? 0 } : undefined];
    }),
  );
}

/** A partner's Procedures with our references in place of theirs, under ids derived from where they came from. */
export async function copyOutputs(channel: Channel, task: TaskRow, context: { serviceRequest: string | null }): Promise<OutputCopy[]> {
  const procedures = await channel.outputs(task.remote_id ?? '');
  return procedures.map((one) => {
    const id = deriveId(task.organisation, 'procedure', task.partner, task.address, one.id ?? '');
    return { id, body: JSON.stringify(ownProcedure(one, id, task, context.serviceRequest)) };
  });
}

function ownProcedure(procedure: fhir4.Procedure, id: string, task: TaskRow, serviceRequest: string | null): fhir4.Procedure {
  const { meta, performer: _performer, reasonReference: _reasons, encounter: _encounter, extension: _goals, ...rest } = procedure;
  return {
    ...rest,
    id,
    ...(meta?.profile ? { meta: { profile: meta.profile } } : {}),
    identifier: [{ system: 'https://loopwell.example/fhir/NamingSystem/id', value: id }],
    subject: { reference: `Patient/${task.person}` },
    ...(serviceRequest ? { basedOn: [{ reference: `ServiceRequest/${serviceRequest}` }] } : {}),
  };
}
