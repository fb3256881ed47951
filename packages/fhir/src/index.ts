export { unreadBundle, unreadWithin } from './bundle-kinds.ts';
export { withBundleModifiers } from './bundle-modifiers.ts';
export { mapDefined, withoutUndefined } from './defined.ts';
export { identifierSystemProblem } from './identifier-system.ts';
export {
  elementsOf,
  holdRepeated,
  isRepeated,
  keepEarlier,
  noticeRepeated,
  parseJson,
  pathText,
  type RepeatedMember,
  repeatedMembers,
} from './json-text.ts';
export {
  isPlainLabel,
  joinedLabels,
  type Labels,
  labeled,
  labelsOf,
  withBundleLabels,
} from './labels.ts';
export {
  localId,
  type ParsedReference,
  parseReference,
  parseWritten,
  patientIdIn,
  trimBase,
  type WrittenReference,
} from './references.ts';
export {
  brokenRule,
  type Flaw,
  holdsModifier,
  isFhirId,
  isRealDate,
  isResourceType,
  modifiersCarried,
  readShape,
  type StructuralRule,
} from './shape/index.ts';
export { localExtensions, profiles, systems } from './systems.ts';
export type * as fhir4 from './types.ts';
