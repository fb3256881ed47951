import { instrumentOf, type InstrumentTable } from '@loopwell/sdoh';
import table from './rows.json' with { type: 'json' };
import { risk } from './risk.ts';

/** Hunger Vital Sign: two items, and the risk that follows from one positive item (see risk.ts). */
export const hungerVitalSign = instrumentOf(table satisfies InstrumentTable, risk);
