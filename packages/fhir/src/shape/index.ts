export { isRealDate } from './dates.ts';
export type { Flaw } from './flaws.ts';
export { holdsModifier, modifiersCarried } from './modifiers.ts';
export { readShape } from './read-shape.ts';
export { isResourceType } from './resource-types.ts';
export { brokenRule, isFhirId, type StructuralRule } from './structural-rules.ts';
