export { type Referral, type ReferralResources, wire } from './service.ts';
export { addFhirRoutes } from './hub/fhir.route.ts';
export type { ReferralSettings } from './settings.ts';
