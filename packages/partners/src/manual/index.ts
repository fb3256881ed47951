import { z } from 'zod';
import type { PartnerChannel } from '../channel.ts';
import { deliverHere } from '../deliver-each.ts';

/**
 * The channel of partners that a coordinator calls. Nothing is sent. The referral stays on the list
 * of those who call, and a person writes down the answer. When it is taken back, a person has to
 * call again, because this channel has no `retract`.
 */
export const manual: PartnerChannel<Record<string, never>> = {
  id: 'manual',
  address: 'none',
  door: 'here',
  settings: z.strictObject({}),
  secrets: [],
  connect: () => ({
    deliver: deliverHere,
    whenUnknown: { kind: 'same-key' },
    answers: [{ kind: 'manual' }],
  }),
};
