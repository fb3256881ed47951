export { type AddressKind, kindOfAddress } from './addresses.ts';
export type { Resolve } from './checked-lookup.ts';
export {
  createOutbound,
  networkError,
  type Outbound,
  type OutboundOptions,
  originBeingRead,
  originOf,
  type RequestKind,
} from './http/outbound.ts';
export { createOutboundFetch, type OutboundFetch } from './http/outbound-fetch.ts';
export { receiverMeasures, receiverSentences } from './http/traffic-report.ts';
export { normalizedBase, type Receivers, type Troubled } from './receivers/receivers.ts';
export { createRequestPolicy, type Limits } from './receivers/request-policy.ts';
export { type MailServer, openMailSocket } from './smtp/mail-socket.ts';
