import { brokenRule, type fhir4 } from '@loopwell/fhir';
import type { FhirClient, SearchPage } from '@loopwell/fhir/client';
import { errorRecord } from '@loopwell/kit';
import type { Cancelled, CancelScope, Polled } from '../channel.ts';
import { isGone, remote, statusOf } from './send.ts';

const perSearch = 50;
const pagesAtMost = 50;

/**
 * Reads the states of many Tasks: one search for many, then a read for each that the search did not
 * show. A partner may not support `_id`, and may filter, page or lag. Only a read of the Task's own
 * address says that it is gone.
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
      // Neither search nor read works, so the partner itself is in trouble and its other Tasks are
      // not asked for.
      if (!isSearched && state.kind === 'failed') throw state.error;
      polled.set(id, state);
    }
  }
  return polled;
}

/**
 * Searches for some Tasks and adds them to `polled`.
 *
 * @returns false if the search was of no use; the Tasks that it showed until then stay
 */
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
 * Tells whether an error concerns only the search: a refusal, an unreadable answer, or an
 * OperationOutcome in place of results. Reads may still work.
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

/**
 * How often a cancellation is tried. It is tried again under the newer version if the partner wrote
 * meanwhile.
 */
const triesAtMost = 3;

/**
 * Cancels a Task under If-Match and reads it again; the status read then counts. Without a version
 * nothing is written, because a cancellation must not overwrite the partner's own answer.
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

/**
 * Writes the cancelled Task.
 *
 * @returns true if the partner had written in between
 */
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
