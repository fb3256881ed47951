export { holdsModifier, modifiersCarried } from './modifiers.ts';
export { type Flaw, readShape } from './read-shape.ts';
export { isResourceType } from './resource-types.ts';
export { brokenRule, isFhirId, type StructuralRule } from './structural-rules.ts';
