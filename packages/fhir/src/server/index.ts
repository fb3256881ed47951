export { withId } from './content-id.ts';
export {
  answerRequest,
  type FhirAnswer,
  type FhirRequest,
  type FhirServer,
  outcomeAnswer,
} from './interactions.ts';
export { entriesWithTwice, withTwice, written } from './members-twice.ts';
export { type Incoming, isDeletion, ResourceStore, type Stored } from './resource-store.ts';
export { storeResources } from './store-resources.ts';
