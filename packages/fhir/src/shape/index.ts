export { type Flaw, readShape } from './read-shape.ts';
export { isResourceType } from './resource-types.ts';
