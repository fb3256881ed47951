import { z } from 'zod';
import type { PartnerChannel } from '../channel.ts';
import { connectByMessage } from '../deliver-message.ts';

const scheme = 'tel:';
const settings = z.strictObject({ address: z.string().startsWith(scheme) });

/**
 * The channel of partners that are told by a text that a request waits. The text names nobody and no
 * need; it has a link to the page where the partner answers.
 */
export const text: PartnerChannel<z.infer<typeof settings>> = {
  id: 'text',
  address: 'phone',
  door: 'here',
  settings,
  secrets: [],
  connect: ({ address }, ports) =>
    connectByMessage({ way: 'text', to: address.slice(scheme.length) }, ports),
};
