export { identifierSystemProblem } from './identifier-system.ts';
export { isPlainLabel, joinedLabels, type Labels, labelled, labelsOf, withBundleLabels } from './labels.ts';
export { localId, type ParsedReference, parseReference, trimBase } from './references.ts';
export { localExtensions, profiles, systems } from './systems.ts';
export type * as fhir4 from './types.ts';
