export { type AddressKind, kindOfAddress } from './addresses.ts';
export {
  type Credentials,
  createFhirClient,
  type FhirClient,
  type FhirClientOptions,
  type SearchOptions,
  type Versioned,
} from './fhir-client.ts';
export type { Limits } from './limits.ts';
export {
  createOutbound,
  type Outbound,
  type OutboundOptions,
  originBeingRead,
  originOf,
  type Resolve,
} from './outbound.ts';
export { noticeCodes, refusalWords } from './outcomes.ts';
export { plainWords } from './plain-words.ts';
export type { Receivers, Troubled } from './receivers.ts';
export { rowsOn, type SearchPage, tellsAll, wasApplied } from './search-page.ts';
export { parsePrivateKey, requireKeyId, type SigningKey } from './signing-key.ts';
export {
  type BackendServices,
  backendServices,
  bearerFromFile,
  staticBearer,
} from './smart-backend.ts';
export { receiverMeasures, receiverSentences } from './telling.ts';
