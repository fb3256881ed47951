export { serviceChoices } from './decide/apply-decision.ts';
export { parseDecision, type ReviewDecision } from './decide/decisions.ts';
export { decide } from './decide/review.ts';
export { versionOf } from './decide/versions.ts';
export { coordination } from './module.ts';
export type { OnDutySettings } from './on-duty/open-on-duty.ts';
export type { ReviewDeps } from './reviewer.ts';
