import type { Instrument } from '@loopwell/sdoh';
import { shelfOf, tables } from './shelf.ts';

export { shelfOf, tables } from './shelf.ts';

/** The instruments of the shelf, built from `tables`. */
export const instruments: readonly Instrument[] = shelfOf(tables);
