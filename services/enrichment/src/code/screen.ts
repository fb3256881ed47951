import { deriveId } from '@loopwell/kit';
import type { PureStage } from '@loopwell/pipeline';
import { codePerson, type Instrument } from '@loopwell/sdoh';
import { type LedgerRow, ledger, type Tx } from '@loopwell/store';
import { type Loaded, loadRecords } from './records.ts';
import { type Coded, outcomeOf, saveCodings } from './save.ts';

/**
 * `screen` then `code`, on the batch in hand; new answers enter at `screen`, whoever is to be coded
 * anew at `code`. Coding is a function of a person's whole record, so that late answers, amended
 * answers and answers that arrive in another order all end at the same place.
 * DECISIONS D15.
 */
export function screenStage(
  stage: 'screen' | 'code',
  instruments: readonly Instrument[],
  limit: number,
  timeZone?: string,
): PureStage<Tx, LedgerRow, Loaded, Coded> {
  return {
    stage,
    limit,
    async load(tx, rows) {
      // A person may be due at both: what is read here must not be older than what the other has
      // written.
      if (stage === 'screen')
        await ledger.awaitStage(
          tx,
          'code',
          rows.map((row) => row.subject),
        );
      return loadRecords(tx, rows, timeZone);
    },
    step: (loaded) => ({ loaded, coding: codePerson(loaded.record, instruments, { deriveId }) }),
    save: saveCodings,
    outcome(done) {
      if (stage === 'code') return outcomeOf(done);
      return done.coding.screenings.length > 0 ? 'screened' : 'no-screening';
    },
  };
}
