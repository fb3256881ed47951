import { fingerprint } from '@loopwell/kit';

/** What a message is for. `reply` answers a text of a partner. */
export type MessageKind = 'on-duty' | 'partner-new' | 'partner-reminder' | 'partner-code' | 'reply';

/**
 * A message to somebody. A subject is chosen by its kind and cannot be written, so that no subject
 * holds personal data. The id is that of its receipt: a message that is sent again keeps it, and
 * its receiver recognizes it.
 */
export type Message = { id: string; kind: MessageKind; text: string } & (
  | { way: 'email'; to: string }
  | { way: 'text'; to: string }
  | { way: 'webhook'; url: string; secret: string }
);

/** Why a message was not taken. `unknown`: nobody can tell whether it was. */
export type MessageFailure =
  | 'not-set-up'
  | 'address-refused'
  | 'unreachable'
  | 'deadline'
  | 'later'
  | 'refused'
  | 'no-tls'
  | 'sign-in'
  | 'unknown'
  | 'failed';

/**
 * What came of sending: taken by the receiver's server, with its own id where it gives one, or why
 * not, as a code. `detail` is the code of the other server.
 */
export type Sent =
  | { state: 'accepted'; remoteId?: string }
  | { state: 'failed'; code: MessageFailure; detail?: string };

/** Sends one message. It never throws, and it never takes longer than its deadline. */
export type SendMessage = (message: Message) => Promise<Sent>;

/** Messages that one receiver gets within 24 hours at most: one every five minutes. */
export const dailyBudget = 288;

/** Names a receiver in receipts: its address cannot be read from them. */
export const receiverOf = (address: string): string =>
  fingerprint(address.toLowerCase()).slice(0, 32);

/** One address without a name, a list or a comment, which a mail server may read otherwise. */
const address = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*$/;

/** Tells whether a text is one e-mail address and nothing else. */
export const isMailAddress = (text: string): boolean => text.length <= 254 && address.test(text);

/** Says what an e-mail address has to be. */
export const addressRule = 'must be one e-mail address, such as loopwell@clinic.org';
