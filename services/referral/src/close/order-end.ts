import { mapDefined } from '@loopwell/fhir';
import { deriveId } from '@loopwell/kit';
import { orderEnd } from '@loopwell/sdoh';
import { answers, type ReferralRow, saveOrderEnds, type TaskRow, type Tx } from '@loopwell/store';

type Ended = {
  referral: ReferralRow;
  status: 'completed' | 'revoked';
  task: Pick<TaskRow, 'id' | 'status' | 'reason' | 'changed_at' | 'recalled_from'> | undefined;
};

/**
 * Referrals that fulfill an order of the EHR: that order is told the end, and ours is not written
 * beside it.
 * DECISIONS D83.
 */
export const fulfilsEhrOrder = ({ ehr_order }: Pick<ReferralRow, 'ehr_order'>): boolean =>
  ehr_order !== null;

/**
 * The EHR is to learn how its own orders ended.
 *
 * @param timeZone whose day is written into the order: the site's
 */
export async function wantOrderEnds(
  tx: Tx,
  ended: readonly Ended[],
  timeZone: string | undefined,
): Promise<void> {
  const codes = await answers.reasonCodes(
    tx,
    ended.flatMap(({ task }) => task?.id ?? []),
  );
  await saveOrderEnds(
    tx,
    mapDefined(ended, ({ referral, status, task }) => {
      const { id, tenant, connection, person, category, ehr_order: ehrOrder } = referral;
      if (ehrOrder === null) return undefined;
      // What our own reading of a completed Task says is no reason of the partner's.
      const reason = task?.status === 'completed' ? undefined : task?.reason;
      // Codes of what it said while it was at work are none of its end, nor those beside a reason
      // of our own.
      const coded =
        task?.status === 'completed' || task?.recalled_from ? [] : codes.get(task?.id ?? '');
      const end = {
        status: task?.status ?? '',
        reason,
        coded,
        at: task?.changed_at ?? referral.changed_at,
      };
      const change = JSON.stringify(orderEnd(status, category, end, timeZone));
      return {
        madeId: deriveId(tenant, 'order-end', id),
        tenant,
        connection,
        person,
        referral: id,
        ehrOrder,
        change,
      };
    }),
  );
}
