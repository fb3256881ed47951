import type { Log } from '@loopwell/kit';
import { type Tx, writeBacks } from '@loopwell/store';
import type { Altered, Put } from './write-resource.ts';

/** Keeps what became of writing one version. */
export async function settleOne(tx: Tx, madeId: string, version: number, told: Put): Promise<void> {
  if (told.kind === 'denied') return writeBacks.denyWriteBack(tx, madeId);
  if (told.kind === 'left-out')
    return writeBacks.settleWriteBack(tx, madeId, {
      state: 'left-out',
      version,
      status: told.status,
      issueCode: told.issueCode,
    });
  const { id: ehrId } = told;
  if (told.kind === 'done')
    return writeBacks.settleWriteBack(tx, madeId, {
      state: 'done',
      ehrId,
      etag: told.etag,
      version,
    });
  if (told.kind === 'refused') {
    const { status, issueCode, words } = told;
    return writeBacks.settleWriteBack(tx, madeId, {
      state: 'refused',
      ehrId,
      version,
      status,
      issueCode,
      words,
    });
  }
  const altered = {
    lost: told.lost,
    sent: JSON.stringify(told.sent),
    stored: JSON.stringify(told.found),
    takenBack: told.takenBack,
  };
  return writeBacks.settleWriteBack(tx, madeId, {
    state: 'altered',
    ehrId,
    etag: told.etag,
    version,
    altered,
  });
}

/** Names of elements only: what they hold is for reviewers. */
export function warnOfAltered(
  log: Log,
  of: { connection: string; type: string },
  { lost, takenBack }: Altered,
): void {
  log.warn('The EHR stores something other than was sent', {
    ...of,
    lost: lost.join(' '),
    takenBack,
  });
}
