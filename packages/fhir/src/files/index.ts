export { type Decoded, decoded, linesOf, longestLine, tooLong } from './lines.ts';
export { unzipped } from './unzipped.ts';
