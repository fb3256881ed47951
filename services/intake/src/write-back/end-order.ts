import type { fhir4 } from '@loopwell/fhir';
import { endedOrder, isEndedSo, type OrderEnd, showsEnd } from '@loopwell/sdoh';
import { lostIn } from './altered.ts';
import { type Put, type PutContext, refusal } from './write-resource.ts';

/**
 * Ends the EHR's own order that ours fulfilled: reads it, changes status and note, puts it on that
 * version (`If-Match`), and reads it again. The first read finds an earlier end whose answer was
 * lost. An order that ended otherwise, or that the EHR refuses to change, is listed and not tried
 * again.
 */
export async function endOrder({
  writer,
  copy,
  mayGo,
  intend,
}: Pick<PutContext, 'writer' | 'copy' | 'mayGo' | 'intend'>): Promise<Put> {
  const id = copy.row.ehr_id ?? '';
  const end = JSON.parse(copy.row.change ?? '{}') as OrderEnd;
  try {
    const { resource, etag } = await writer.read('ServiceRequest', id);
    const order = resource as fhir4.ServiceRequest;
    if (isEndedSo(order, end)) return { kind: 'done', id, etag };
    const ended = endedOrder(order, end);
    if (!ended) return { kind: 'refused', id, issueCode: 'conflict' };
    await intend();
    await writer.update({ ...ended, id }, etag, mayGo);
    const again = await writer.read('ServiceRequest', id);
    if (showsEnd(again.resource as fhir4.ServiceRequest, end))
      return { kind: 'done', id, etag: again.etag };
    const lost = lostIn(ended, again.resource);
    return {
      kind: 'altered',
      id,
      etag: again.etag,
      lost,
      sent: ended,
      stored: again.resource,
      takenBack: false,
    };
  } catch (error) {
    const refused = refusal(error);
    return refused.kind === 'refused' ? { ...refused, id } : refused;
  }
}
