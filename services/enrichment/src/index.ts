export { codeText, refused } from './preview/code-text.ts';
export { linesOf, longestLine } from './preview/lines.ts';
export { addPreviewRoutes } from './preview/preview.route.ts';
export { parseDecision, type ReviewDecision } from './review/decisions.ts';
export { addReviewRoutes, reviewContract } from './review/review.route.ts';
export { decide, type ReviewDeps, serviceChoices, versionOf } from './review/review.ts';
export { type Enrichment, type EnrichmentSettings, wire } from './service.ts';
