import { z } from 'zod';
import type { Asked, PartnerChannel, PartnerConnection, Poll, ReferralPacket } from '../channel.ts';
import { deliverEach } from '../deliver-each.ts';
import { namedAsOurs, outputsNamedAsOurs, withCopies } from './copies.ts';
import { cancel, poll as pollTasks } from './follow.ts';
import { ask, askByIdentifier, send } from './send.ts';

const settings = z.strictObject({
  address: z.url(),
  /**
   * `references`: the Task leads to our base. `copies`: for servers that refuse references to
   * elsewhere. What the partner may read is posted to it first, and the Task leads there.
   */
  manner: z.enum(['references', 'copies']).default('references'),
});

type Settings = z.infer<typeof settings>;

/**
 * The channel of direct referral (SDOH Clinical Care 3.0.0, section 2.1). The Task is posted to the
 * partner's FHIR server, which keeps it and moves it. We read it by polling.
 */
export const fhirRest: PartnerChannel<Settings> = {
  id: 'fhir-rest',
  address: 'http',
  door: 'copy',
  settings,
  secrets: [],
  carriesResources: ({ manner }) => manner === 'copies',
  connect({ address, manner }, ports) {
    const client = ports.fhirClient(address);
    return manner === 'copies' ? copying(client) : referring(client);
  },
};

type Client = Parameters<typeof send>[0];

/** Talks to a server that follows references to our base. */
function referring(client: Client): PartnerConnection {
  return {
    deliver: (packets, mayGo) =>
      deliverEach(packets, async ({ key, task }) =>
        namedAsOurs(await send(client, task, key, () => mayGo(key))),
      ),
    whenUnknown: {
      kind: 'ask',
      ask: async ({ key, task }) => askedAsOurs(await ask(client, task, key)),
    },
    ...followed(client),
  };
}

/** Talks to a server that refuses references to elsewhere. */
function copying(client: Client): PartnerConnection {
  const sendCopies = async (packet: ReferralPacket, mayGo: () => boolean) => {
    const task = await withCopies(client, packet, mayGo);
    return namedAsOurs(await send(client, task, packet.key, mayGo));
  };
  return {
    deliver: (packets, mayGo) =>
      deliverEach(packets, (packet) => sendCopies(packet, () => mayGo(packet.key))),
    whenUnknown: {
      kind: 'ask',
      ask: async ({ key, task }) => askedAsOurs(await askByIdentifier(client, task, key)),
    },
    ...followed(client),
  };
}

const askedAsOurs = (asked: Asked): Asked => (asked.kind === 'there' ? namedAsOurs(asked) : asked);

/**
 * Reads and takes back a Task, whichever manner it went out in: the directory may name another one
 * since then, or no longer name the partner. DECISIONS D134.
 */
function followed(client: Client): Pick<PartnerConnection, 'answers' | 'retract'> {
  const poll: Poll = {
    async states(remoteIds) {
      const polled = await pollTasks(client, remoteIds);
      for (const [id, state] of polled)
        if (state.kind === 'there') polled.set(id, namedAsOurs(state));
      return polled;
    },
    outputs: (task, giveUp = false) => outputsNamedAsOurs(client, task, giveUp),
  };
  return {
    answers: [{ kind: 'poll', poll }],
    retract: {
      kind: 'copy',
      async cancel(remoteId, reason, scope) {
        return namedAsOurs(await cancel(client, remoteId, reason, scope));
      },
    },
  };
}
