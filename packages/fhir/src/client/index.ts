export type { Receivers, Troubled } from './receivers/receivers.ts';
export type { Limits } from './receivers/request-policy.ts';
export { noticeCodes, refusalWords } from './refusals/outcomes.ts';
export { plainWords } from './refusals/plain-words.ts';
export {
  createFhirClient,
  type FhirClient,
  type FhirClientOptions,
  type SearchOptions,
  type Versioned,
} from './rest/fhir-client.ts';
export { createOutboundFetch, type OutboundFetch } from './rest/outbound-fetch.ts';
export { rowsOn, type SearchPage, tellsAll, wasApplied } from './rest/search-page.ts';
export type { Credentials } from './rest/send-request.ts';
export { parsePrivateKey, requireKeyId, type SigningKey } from './sign-in/signing-key.ts';
export {
  type BackendServices,
  backendServices,
  bearerFromFile,
  staticBearer,
} from './sign-in/smart-backend.ts';
export { type AddressKind, kindOfAddress } from './sockets/addresses.ts';
export {
  createOutbound,
  type Outbound,
  type OutboundOptions,
  originBeingRead,
  originOf,
  type Resolve,
} from './sockets/outbound.ts';
export { receiverMeasures, receiverSentences } from './sockets/traffic-report.ts';
