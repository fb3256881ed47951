import {
  createInstrument,
  type ExtraRule,
  type Instrument,
  type InstrumentTable,
} from '@loopwell/sdoh';
import aafp from './aafp/rows.json' with { type: 'json' };
import ahcHrsn from './ahc-hrsn/rows.json' with { type: 'json' };
import { safety } from './ahc-hrsn/safety.ts';
import ahcHrsnSupplemental from './ahc-hrsn-supplemental/rows.json' with { type: 'json' };
import cmsAssessment from './cms-assessment/rows.json' with { type: 'json' };
import { risk } from './hunger-vital-sign/risk.ts';
import hungerVitalSign from './hunger-vital-sign/rows.json' with { type: 'json' };
import nhanesSocialConnection from './nhanes-social-connection/rows.json' with { type: 'json' };
import sharing from './owners.json' with { type: 'json' };
import phq9 from './phq-9/rows.json' with { type: 'json' };
import prapare from './prapare/rows.json' with { type: 'json' };

/** The tables of the shelf. A new instrument needs one folder and one line here. */
export const tables: readonly InstrumentTable[] = [
  ahcHrsn,
  hungerVitalSign,
  prapare,
  aafp,
  ahcHrsnSupplemental,
  cmsAssessment,
  nhanesSocialConnection,
  phq9,
];

/**
 * Rules over several answers, which a table cannot express, by id of the instrument. They apply to
 * every version of its table.
 */
const rules: Readonly<Record<string, ExtraRule>> = {
  'ahc-hrsn': safety,
  'hunger-vital-sign': risk,
};

/** The instrument that owns each question that several tables ask. */
export const owners: Readonly<Record<string, string>> = sharing.owners;
/** The tables among which answers without a form were first attributed. */
export const settled: ReadonlySet<string> = new Set(sharing.settled);

/**
 * Builds a shelf of instruments from tables. Tables of another version give a shelf to compare
 * codings of the same answers with.
 */
export const shelfOf = (shelfTables: readonly InstrumentTable[]): Instrument[] =>
  shelfTables.map((table) =>
    createInstrument(table, rules[table.id], {
      isSettled: settled.has(table.id),
      owns: (question) => owners[question] === table.id,
    }),
  );
