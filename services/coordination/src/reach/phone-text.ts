import type { ReachPhone } from '@loopwell/sdoh';

/** Writes a number with its extension. */
export const phoneText = ({ number, extension }: ReachPhone): string =>
  extension === undefined ? number : `${number} ext. ${extension}`;
