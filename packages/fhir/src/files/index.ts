export { notJson } from './documents.ts';
export { type FileItem, type FileResource, itemsIn, itemsOf } from './items.ts';
export { longestLine } from './lines.ts';
