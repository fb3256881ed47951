import type { Instrument } from '@loopwell/sdoh';
import { shelfOf, tables } from './shelf.ts';

export { shelfOf, tables } from './shelf.ts';

/** The shelf as it is used. */
export const instruments: readonly Instrument[] = shelfOf(tables);
