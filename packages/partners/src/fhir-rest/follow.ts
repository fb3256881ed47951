import { brokenRule, type fhir4 } from '@loopwell/fhir';
import type { FhirClient, SearchPage } from '@loopwell/fhir/client';
import { errorRecord } from '@loopwell/kit';
import type { Cancelled, CancelScope, Polled } from '../channel.ts';
import { isGone, remote, statusOf } from './send.ts';

const perSearch = 50;
const pagesAtMost = 50;

/**
 * One search for many, then a read for each that it did not show: a partner may not support `_id`,
 * may filter, page or lag, and only the read of its own address says that a Task is gone.
 */
export async function poll(
  client: FhirClient,
  remoteIds: readonly string[],
): Promise<Map<string, Polled>> {
  const polled = new Map<string, Polled>();
  for (let start = 0; start < remoteIds.length; start += perSearch) {
    const batch = remoteIds.slice(start, start + perSearch);
    const isSearched = await searchThese(client, batch, polled);
    for (const id of batch.filter((remoteId) => !polled.has(remoteId))) {
      const state = await readOne(client, id);
      // Neither search nor read: the partner itself is in trouble, and its other Tasks would only
      // be asked in vain.
      if (!isSearched && state.kind === 'failed') throw state.error;
      polled.set(id, state);
    }
  }
  return polled;
}

/** @returns false when the search was of no use; what it showed until then stays */
async function searchThese(
  client: FhirClient,
  ids: readonly string[],
  polled: Map<string, Polled>,
): Promise<boolean> {
  const wanted = new Set(ids);
  const search = { _id: ids.join(','), _count: String(perSearch) };
  try {
    let page: SearchPage = await client.search('Task', search);
    for (let pages = 0; pages < pagesAtMost; pages += 1) {
      for (const resource of page.resources) {
        const { id } = resource;
        if (brokenRule(resource, ['other-type'], 'Task') || !id || !wanted.delete(id)) continue;
        polled.set(id, { kind: 'there', ...remote(resource as fhir4.Task) });
      }
      if (page.nextUrl === undefined || wanted.size === 0) return true;
      page = await client.page(page.nextUrl);
    }
    return true;
  } catch (error) {
    if (!isOfSearchOnly(error)) throw error;
    return false;
  }
}

/**
 * What a search cannot tell, reads can: refused, unreadable, or an OperationOutcome in place of
 * results.
 */
function isOfSearchOnly(error: unknown): boolean {
  const { code, facts } = errorRecord(error);
  return (
    ['REMOTE_REFUSED', 'REMOTE_INVALID'].includes(code) ||
    (code === 'REMOTE_UNAVAILABLE' && facts.status === undefined && 'issueCode' in facts)
  );
}

async function readOne(client: FhirClient, id: string): Promise<Polled> {
  try {
    const { resource, etag } = await client.read<fhir4.Task>('Task', id);
    return { kind: 'there', ...remote({ ...resource, id }, etag) };
  } catch (error) {
    return isGone(error) ? { kind: 'gone' } : { kind: 'failed', error };
  }
}

const untaken = ['requested', 'received'];
const open = [...untaken, 'accepted', 'in-progress', 'on-hold'];

const noVersion = 'The partner gives no version under which a Task could be cancelled';

/** Tried again under the newer version when somebody else wrote meanwhile. */
const triesAtMost = 3;

/**
 * Cancelled under If-Match and read again: what the partner shows then is the truth. Without a
 * version to write under nothing is written: a cancel must not run over the partner's own answer.
 */
export async function cancel(
  client: FhirClient,
  remoteId: string,
  reason: string,
  scope: CancelScope,
): Promise<Cancelled> {
  const from = scope === 'untaken' ? untaken : open;
  let now = await client.read<fhir4.Task>('Task', remoteId);
  let before = now.resource;
  for (let tries = 0; tries < triesAtMost && from.includes(now.resource.status); tries += 1) {
    before = now.resource;
    if (now.etag === undefined) return { kind: 'cannot-prove', code: noVersion, task: before };
    const isOvertaken = await writeCancelled(client, before, now.etag, reason);
    now = await client.read<fhir4.Task>('Task', remoteId);
    if (!isOvertaken) break;
  }
  const { resource } = now;
  const isOurs = resource.status === 'cancelled' && resource.statusReason?.text === reason;
  return { ...judge(resource.status, from), task: isOurs ? before : resource };
}

/** @returns true when somebody else had written in between */
async function writeCancelled(
  client: FhirClient,
  task: fhir4.Task,
  etag: string,
  reason: string,
): Promise<boolean> {
  try {
    await client.update({ ...task, status: 'cancelled', statusReason: { text: reason } }, etag);
    return false;
  } catch (error) {
    const { code } = errorRecord(error);
    if (code !== 'OUTCOME_UNKNOWN' && code !== 'REMOTE_REFUSED') throw error;
    return [409, 412].includes(statusOf(error));
  }
}

type Judged =
  | { kind: 'cancelled' | 'kept'; status: string }
  | { kind: 'cannot-prove'; code: string };

function judge(status: string, from: readonly string[]): Judged {
  if (['cancelled', 'rejected', 'entered-in-error'].includes(status))
    return { kind: 'cancelled', status };
  if (from.includes(status))
    return {
      kind: 'cannot-prove',
      code: 'The partner still shows the Task as open after it was cancelled',
    };
  if ([...open, 'completed', 'failed'].includes(status)) return { kind: 'kept', status };
  return {
    kind: 'cannot-prove',
    code: 'The partner shows the Task in a state that the guide does not know',
  };
}
