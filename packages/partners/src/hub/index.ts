import type { fhir4 } from '@loopwell/fhir';
import { z } from 'zod';
import type { Inbound, PartnerAnswer, PartnerChannel } from '../channel.ts';
import { deliverHere } from '../deliver-each.ts';

/**
 * The channel of partners that work at our own `/fhir`. Delivery is no request: the partner finds
 * its Task by searching, and moves it by PUT. A Task that is taken back is cancelled there.
 */
export const hub: PartnerChannel<Record<string, never>> = {
  id: 'hub',
  address: 'none',
  door: 'here',
  settings: z.strictObject({}),
  secrets: [],
  connect: () => ({
    deliver: deliverHere,
    whenUnknown: { kind: 'same-key' },
    answers: [{ kind: 'push', parse }, { kind: 'manual' }],
    retract: { kind: 'here' },
  }),
};

/** Reads the Task that a partner puts. Its version makes the same message known. */
function parse({ body }: Inbound): PartnerAnswer[] {
  const task = body as fhir4.Task | null;
  if (task?.resourceType !== 'Task' || !task.id || typeof task.status !== 'string') return [];
  const messageId = `${task.id}/${task.meta?.versionId ?? ''}/${task.status}`;
  return [{ task: task.id, messageId, status: task.status, body: task }];
}
