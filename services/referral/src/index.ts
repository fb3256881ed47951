export { addDirectoryRoutes } from './directory/directory.route.ts';
export { grantReads } from './directory/directory.ts';
export { partnerRowsOf } from './directory/partner-rows.ts';
export { sealSettings } from './directory/partner-settings.ts';
export type { SendTokens } from './directory/send-tokens.ts';
export { addFhirRoutes } from './hub/fhir.route.ts';
export { type ReferralModuleSettings, referral } from './module.ts';
export { type Referral, type ReferralResources, wire } from './service.ts';
export type { ReferralSettings } from './settings.ts';
