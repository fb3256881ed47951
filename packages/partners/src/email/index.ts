import { z } from 'zod';
import type { PartnerChannel } from '../channel.ts';
import { connectByMessage } from '../deliver-message.ts';

const scheme = 'mailto:';
const settings = z.strictObject({ address: z.string().startsWith(scheme) });

/**
 * The channel of partners that are told by e-mail that a request waits. The mail names nobody and no
 * need; it has a link to the page where the partner answers.
 */
export const email: PartnerChannel<z.infer<typeof settings>> = {
  id: 'email',
  address: 'mail',
  door: 'here',
  settings,
  secrets: [],
  connect: ({ address }, ports) =>
    connectByMessage({ way: 'email', to: address.slice(scheme.length) }, ports),
};
