import { tables } from '@loopwell/instruments';
import { type Danger, gravestDanger, indexDangers } from '@loopwell/sdoh';

/** The dangers that answers tell of, by their rules. DECISIONS D79. DECISIONS D155. */
const dangers = indexDangers(tables);

/** Gives the gravest danger that some answers tell of; undefined if there is none. */
export const dangerIn = (evidence: readonly { rule: string }[]): Danger | undefined =>
  gravestDanger(
    dangers,
    evidence.map(({ rule }) => rule),
  );
