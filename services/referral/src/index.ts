export { type Referral, type ReferralResources, wire } from './service.ts';
export type { ReferralSettings } from './settings.ts';
