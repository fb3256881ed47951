export { addDirectoryRoutes } from './directory/directory.route.ts';
export { grantReads, partnerRowsOf } from './directory/directory.ts';
export type { SendTokens } from './directory/send-tokens.ts';
export { addFhirRoutes } from './hub/fhir.route.ts';
export { type ReferralModuleSettings, referral } from './module.ts';
export { type Referral, type ReferralResources, wire } from './service.ts';
export type { ReferralSettings } from './settings.ts';
