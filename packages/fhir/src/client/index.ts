export { noticeCodes, refusalWords } from './refusals/outcomes.ts';
export { plainWords } from './refusals/plain-words.ts';
export {
  createFhirClient,
  type FhirClient,
  type FhirClientOptions,
  type SearchOptions,
  type Versioned,
} from './rest/fhir-client.ts';
export { rowsOn, type SearchPage, tellsAll, wasApplied } from './rest/search-page.ts';
export type { Credentials } from './rest/send-request.ts';
export { parsePrivateKey, requireKeyId, type SigningKey } from './sign-in/signing-key.ts';
export {
  type BackendServices,
  backendServices,
  bearerFromFile,
  staticBearer,
} from './sign-in/smart-backend.ts';
