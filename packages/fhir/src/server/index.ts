export { sameContent, withId } from './content-id.ts';
export { entriesWithTwice, withTwice, written } from './members-twice.ts';
export { FhirStore, type Incoming, isDeletion, type Stored } from './resource-store.ts';
export { matches, searchPage } from './search.ts';
