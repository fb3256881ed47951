import { AppError } from '@loopwell/kit';
import type { Delivery, ReferralPacket, RemoteTask } from './channel.ts';

/** Delivers packets one after the other. The failure of one does not stop the others. */
export async function deliverEach(
  packets: readonly ReferralPacket[],
  send: (packet: ReferralPacket) => Promise<RemoteTask>,
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const packet of packets) {
    const { key } = packet;
    try {
      const task = await send(packet);
      deliveries.push({ key, kind: 'there', ...task });
    } catch (error) {
      deliveries.push({ key, kind: 'failed', error });
    }
  }
  return deliveries;
}

/**
 * Delivers packets without a request, where our own Task is the one that is moved. Its id is then
 * the id at the partner.
 */
export function deliverHere(
  packets: readonly ReferralPacket[],
  mayGo: (key: string) => boolean,
): Promise<Delivery[]> {
  return deliverEach(packets, async ({ key, task }) => {
    if (!mayGo(key)) throw notOurs();
    return { remoteId: task.id ?? '', status: task.status, task };
  });
}

/** Makes the error of a packet that may not go any more. Nothing was sent. */
const notOurs = (): AppError =>
  new AppError('CONFLICT', 'The work has passed to somebody else', {
    retryable: true,
    facts: { neverSent: true },
  });
