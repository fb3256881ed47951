import { type InstrumentTable, instrumentOf } from '@loopwell/sdoh';
import table from './rows.json' with { type: 'json' };
import { safety } from './safety.ts';

/** AHC HRSN core questions. A need is read from each answer; safety is a score over four items (see safety.ts). */
export const ahcHrsn = instrumentOf(table satisfies InstrumentTable, safety);
