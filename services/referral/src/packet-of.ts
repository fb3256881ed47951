import { type fhir4, withoutUndefined } from '@loopwell/fhir';
import type { ChannelShelf, ReferralPacket } from '@loopwell/partners';
import { partnerDoor, type Tx } from '@loopwell/store';
import type { Outgoing } from './refer/model.ts';
import type { ReferralSettings } from './settings.ts';

type Context = { settings: ReferralSettings; shelf: ChannelShelf };

/** Adds the link of the partner to Tasks on their way, where a message tells of them. */
export async function withLinks(
  tx: Tx,
  prepared: ReadonlyMap<string, Outgoing>,
  { settings, shelf }: Context,
): Promise<Map<string, Outgoing>> {
  const complete = new Map(prepared);
  const site = settings.publicBase.replace(/\/fhir$/, '');
  for (const [name, outgoing] of prepared) {
    const form = shelf[outgoing.channel]?.address;
    if (form !== 'mail' && form !== 'phone') continue;
    const token = await partnerDoor.linkOf(tx, outgoing.partner);
    complete.set(name, { ...outgoing, answerLink: `${site}/p/${token}` });
  }
  return complete;
}

/** Makes the packet of a referral: what its channel may know. It names nobody. */
export function packetOf(outgoing: Outgoing, settings: ReferralSettings): ReferralPacket {
  const { receiptKey: key, partner, body, need, resources, answerLink } = outgoing;
  const { siteName: name, sitePhone: phone } = settings;
  return {
    key,
    partner: { id: partner, name: body.owner?.display ?? partner },
    task: withKey(body, key),
    need,
    who: {},
    sender: { name, ...withoutUndefined({ phone }) },
    ...withoutUndefined({ by: body.restriction?.period?.end, answerLink }),
    resources,
  };
}

/** Adds the receipt key of a later way to a Task, so that the partner's copy is known by it. */
function withKey(task: fhir4.Task, key: string): fhir4.Task {
  const { identifier = [] } = task;
  const [first] = identifier;
  if (!first || identifier.some(({ value }) => value === key)) return task;
  return { ...task, identifier: [...identifier, { ...first, value: key }] };
}
