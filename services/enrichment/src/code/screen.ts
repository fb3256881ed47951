import { type Clock, deriveId } from '@loopwell/kit';
import type { PureStage } from '@loopwell/pipeline';
import { codePerson, type Instrument } from '@loopwell/sdoh';
import { type Loaded, loadRecords } from '@loopwell/service';
import { type LedgerRow, ledger, type Tx } from '@loopwell/store';
import { type Coded, outcomeOf, saveCodings } from './save.ts';

/**
 * Makes the stage `screen` or `code`. New answers enter at `screen`, which codes them in the same
 * batch; people to be coded again enter at `code`. Coding is a function of a person's whole record,
 * so late, amended and reordered answers give the same result. DECISIONS D15.
 */
export function screenStage(
  stage: 'screen' | 'code',
  instruments: readonly Instrument[],
  limit: number,
  place: Pick<Clock, 'timeZone'> = {},
): PureStage<Tx, LedgerRow, Loaded, Coded> {
  return {
    stage,
    limit,
    async load(tx, rows) {
      // A person may be due at both stages, so this waits until the other has written.
      if (stage === 'screen')
        await ledger.awaitStage(
          tx,
          'code',
          rows.map((row) => row.subject),
        );
      return loadRecords(tx, rows, { instruments, timeZone: place.timeZone });
    },
    step: (loaded) => ({ loaded, coding: codePerson(loaded.record, instruments, { deriveId }) }),
    save: saveCodings,
    outcome(done) {
      if (stage === 'code') return outcomeOf(done);
      return done.coding.screenings.length > 0 ? 'screened' : 'no-screening';
    },
  };
}
