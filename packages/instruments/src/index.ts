import { type Instrument, type InstrumentTable, instrumentOf } from '@loopwell/sdoh';
import aafp from './aafp/rows.json' with { type: 'json' };
import { ahcHrsn } from './ahc-hrsn/index.ts';
import ahcHrsnSupplemental from './ahc-hrsn-supplemental/rows.json' with { type: 'json' };
import cmsAssessment from './cms-assessment/rows.json' with { type: 'json' };
import { hungerVitalSign } from './hunger-vital-sign/index.ts';
import nhanesSocialConnection from './nhanes-social-connection/rows.json' with { type: 'json' };
import { prapare } from './prapare/index.ts';

/** Instruments that are a table and nothing more; the others have rules over several answers beside theirs. */
const tables: readonly InstrumentTable[] = [aafp, ahcHrsnSupplemental, cmsAssessment, nhanesSocialConnection];

/** The shelf. Adding an instrument is one folder and one line here. */
export const instruments: readonly Instrument[] = [ahcHrsn, hungerVitalSign, prapare, ...tables.map((one) => instrumentOf(one))];
