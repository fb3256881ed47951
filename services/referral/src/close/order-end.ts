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
 * Tells whether a referral fulfills an order of the EHR. The end is written to that order, and ours
 * is not written beside it. DECISIONS D83.
 */
export const fulfilsEhrOrder = ({ ehr_order }: Pick<ReferralRow, 'ehr_order'>): boolean =>
  ehr_order !== null;

/**
 * Makes the ends of the EHR's own orders due for write-back.
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
      // The verdict on a completed Task is ours, so it is no reason of the partner's.
      const reason = task?.status === 'completed' ? undefined : task?.reason;
      // Codes from before a completion are no reason of the end. Neither are codes beside a reason
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
