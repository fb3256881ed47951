import { AppError } from '@loopwell/kit';
import { newRequestWords } from '@loopwell/sdoh';
import type {
  ChannelPorts,
  Delivery,
  PartnerConnection,
  PartnerNotice,
  ReferralPacket,
  Told,
} from './channel.ts';

/** Where a channel of messages sends: a way, and a mailbox or a number. */
export type Receiver = Pick<PartnerNotice, 'way' | 'to'>;

/**
 * Connects to a partner that is told by messages that requests wait. A message has the number of
 * requests and a link, and nothing of any of them. Whether it may have arrived before does no harm:
 * it would say the same again. Answers come by the page behind the link.
 */
export const connectByMessage = (receiver: Receiver, ports: ChannelPorts): PartnerConnection => ({
  deliver: (packets, mayGo) => deliverByMessage(receiver, ports, packets, mayGo),
  whenUnknown: { kind: 'repeat' },
  answers: [{ kind: 'page' }, { kind: 'manual' }],
  retract: { kind: 'here' },
});

/** Tells each partner of all its packets by one message. */
async function deliverByMessage(
  receiver: Receiver,
  { messages }: ChannelPorts,
  packets: readonly ReferralPacket[],
  mayGo: (key: string) => boolean,
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  const byPartner = Map.groupBy(packets, ({ partner }) => partner.id);
  for (const group of byPartner.values()) {
    const going = group.filter(({ key }) => mayGo(key));
    const stays = group.filter((packet) => !going.includes(packet));
    for (const { key } of stays) deliveries.push({ key, kind: 'failed', error: notOurs() });
    const [first] = going;
    if (!first) continue;
    const outcome = await messages(noticeOf(receiver, first, going));
    for (const packet of going) deliveries.push(deliveryOf(packet, outcome));
  }
  return deliveries;
}

/** Writes the notice of some packets of one partner. */
function noticeOf(
  receiver: Receiver,
  { partner, sender, answerLink: link }: ReferralPacket,
  packets: readonly ReferralPacket[],
): PartnerNotice {
  if (link === undefined) throw new AppError('INTERNAL', 'A message needs a link to answer by');
  const facts = {
    site: sender.name,
    phone: sender.phone,
    partner: partner.name,
    link,
  };
  return {
    ...receiver,
    partner: partner.id,
    kind: 'partner-new',
    tasks: packets.flatMap(({ task }) => task.id ?? []),
    words: (count) => newRequestWords(receiver.way, { ...facts, count }),
  };
}

/** Says what became of a packet. Its Task is moved here, so that its id is ours. */
function deliveryOf({ key, task }: ReferralPacket, outcome: Told): Delivery {
  switch (outcome.state) {
    case 'accepted':
      return {
        key,
        kind: 'there',
        remoteId: task.id ?? '',
        status: task.status,
        task,
      };
    case 'waiting':
      return { key, kind: 'waiting', ms: outcome.ms };
    case 'failed':
      return { key, kind: 'failed', error: refused(outcome.code) };
  }
}

/** Makes the error of a message that never arrives. */
const refused = (code: string): AppError =>
  new AppError('REMOTE_REFUSED', 'A message to a partner was refused', {
    facts: { status: 422, issueCode: code },
  });

const notOurs = (): AppError =>
  new AppError('CONFLICT', 'The work has passed to somebody else', {
    retryable: true,
    facts: { neverSent: true },
  });
