import { deriveId } from '@loopwell/kit';
import type { PureStage } from '@loopwell/pipeline';
import { codePerson, type Instrument } from '@loopwell/sdoh';
import type { LedgerRow, Tx } from '@loopwell/store';
import { type Loaded, loadRecords } from './records.ts';
import { type Coded, saveCodings } from './save.ts';

/**
 * `screen` then `code`, on the batch in hand. Coding is a function of a person's whole record, so that late answers,
 * amended answers and answers that arrive in another order all end at the same place.
 */
export function screenStage(
  stage: 'screen' | 'code',
  instruments: readonly Instrument[],
  limit: number,
): PureStage<Tx, LedgerRow, Loaded, Coded> {
  return {
    stage,
    limit,
    load: loadRecords,
    step: (loaded) => ({ loaded, coding: codePerson(loaded.record, instruments, { deriveId }) }),
    save: saveCodings,
    outcome: ({ coding }) => (coding.screenings.length > 0 ? 'screened' : 'no-screening'),
  };
}
