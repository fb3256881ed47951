import { altered, type ReferralRow, refusedWrites, type Tx } from '@loopwell/store';

/** A write that the EHR refused. `words` are the EHR's own, for reviewers only. */
export type RefusedWriteView = {
  resource: string;
  status: number | null;
  code: string | null;
  words: string | null;
  at: string;
};

/** Lists the writes of a referral that the EHR refused. */
export async function refusedWritesOf(
  tx: Tx,
  { tenant, id }: ReferralRow,
): Promise<RefusedWriteView[]> {
  const rows = await refusedWrites(tx, tenant, id);
  return rows.map(({ type, ehrId, status, issueCode, words, at }) => ({
    resource: ehrId === null ? type : `${type}/${ehrId}`,
    status,
    code: issueCode,
    words,
    at: at.toISOString(),
  }));
}

/** A write that the EHR changed when it stored it, element by element, for reviewers only. */
export type AlteredWriteView = {
  resource: string;
  /** We marked it as entered in error there. */
  takenBack: boolean;
  elements: { element: string; sent: string; found: string | null }[];
  at: string;
};

/** Lists the writes of a referral that the EHR stored with changes, with both versions. */
export async function alteredWritesOf(
  tx: Tx,
  { tenant, id }: ReferralRow,
): Promise<AlteredWriteView[]> {
  const rows = await altered.listAlteredWrites(tx, tenant, id);
  return rows.map(({ type, ehrId, lost, takenBack, sent, stored, at }) => {
    const [before, after] = [JSON.parse(sent), JSON.parse(stored)] as Record<string, unknown>[];
    const text = (element: unknown) => (element === undefined ? null : JSON.stringify(element));
    return {
      resource: ehrId === null ? type : `${type}/${ehrId}`,
      takenBack,
      elements: lost.map((element) => ({
        element,
        sent: text(before?.[element]) ?? '',
        found: text(after?.[element]),
      })),
      at: at.toISOString(),
    };
  });
}
