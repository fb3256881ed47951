import { copies, type ReferralRow, type Tx } from '@loopwell/store';

/** A write that the EHR refused: `words` are the EHR's own, for reviewers alone. */
export type RefusedWriteView = {
  resource: string;
  status: number | null;
  code: string | null;
  words: string | null;
  at: string;
};

export async function refusedWritesOf(tx: Tx, { organisation, id }: ReferralRow): Promise<RefusedWriteView[]> {
  const rows = await copies.refusedWrites(tx, organisation, id);
  return rows.map(({ type, ehrId, status, issueCode, words, at }) => ({
    resource: ehrId === null ? type : `${type}/${ehrId}`,
    status,
    code: issueCode,
    words,
    at: at.toISOString(),
  }));
}
