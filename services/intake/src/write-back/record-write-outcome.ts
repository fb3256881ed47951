import type { Log } from '@loopwell/kit';
import { type Tx, writeBacks } from '@loopwell/store';
import type { Altered, Put } from './write-resource.ts';

/** Saves the outcome of writing one version. */
export async function settleOne(tx: Tx, madeId: string, version: number, put: Put): Promise<void> {
  if (put.kind === 'denied') return writeBacks.denyWriteBack(tx, madeId);
  if (put.kind === 'left-out')
    return writeBacks.settleWriteBack(tx, madeId, {
      state: 'left-out',
      version,
      status: put.status,
      issueCode: put.issueCode,
    });
  const { id: ehrId } = put;
  if (put.kind === 'done')
    return writeBacks.settleWriteBack(tx, madeId, {
      state: 'done',
      ehrId,
      etag: put.etag,
      version,
    });
  if (put.kind === 'refused') {
    const { status, issueCode, words } = put;
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
    lost: put.lost,
    sent: JSON.stringify(put.sent),
    stored: JSON.stringify(put.stored),
    takenBack: put.takenBack,
  };
  return writeBacks.settleWriteBack(tx, madeId, {
    state: 'altered',
    ehrId,
    etag: put.etag,
    version,
    altered,
  });
}

/**
 * Logs which elements the EHR altered. It logs names only, because their content is for reviewers.
 */
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
