import { type InstrumentTable, instrumentOf } from '@loopwell/sdoh';
import table from './rows.json' with { type: 'json' };

/** PRAPARE. Each answer speaks for itself; 93026-3 is inverse ("No" is the unsafe answer). No tally is computed. */
export const prapare = instrumentOf(table satisfies InstrumentTable);
