import { type InstrumentTable, instrumentOf } from '@loopwell/sdoh';
import { risk } from './risk.ts';
import table from './rows.json' with { type: 'json' };

/** Hunger Vital Sign: two items, and the risk that follows from one positive item (see risk.ts). */
export const hungerVitalSign = instrumentOf(table satisfies InstrumentTable, risk);
