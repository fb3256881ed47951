import { type fhir4, localId, parseReference, systems } from '@loopwell/fhir';
import type { FhirClient, SearchPage } from '@loopwell/fhir/client';
import { errorRecord } from '@loopwell/kit';
import type { Cancelled, CancelScope, Outputs, Polled } from '../channel.ts';
import { isGone, remote, statusOf } from './send.ts';

const perSearch = 50;
const pagesAtMost = 50;

/**
 * One search for many, then a read for each that it did not show: a partner may not support `_id`, may filter, page or
 * lag, and only the read of its own address says that a Task is gone.
 */
export async function poll(client: FhirClient, remoteIds: readonly string[]): Promise<Map<string, Polled>> {
  const found = new Map<string, Polled>();
  for (let start = 0; start < remoteIds.length; start += perSearch) {
    const some = remoteIds.slice(start, start + perSearch);
    const searched = await searchThese(client, some, found);
    for (const id of some.filter((one) => !found.has(one))) {
      const one = await readOne(client, id);
      // Neither search nor read: the partner itself is in trouble, and its other Tasks would only be asked in vain.
      if (!searched && one.kind === 'failed') throw one.error;
      found.set(id, one);
    }
  }
  return found;
}

/** @returns false when the search was of no use; what it showed until then stays */
async function searchThese(client: FhirClient, ids: readonly string[], found: Map<string, Polled>): Promise<boolean> {
  const wanted = new Set(ids);
  try {
    let page: SearchPage = await client.search('Task', { _id: ids.join(','), _count: String(perSearch) });
    for (let pages = 0; pages < pagesAtMost; pages += 1) {
      for (const one of page.resources) {
        if (one.resourceType === 'Task' && one.id && wanted.delete(one.id))
          found.set(one.id, { kind: 'there', ...remote(one as fhir4.Task) });
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

/** What a search cannot tell, reads can: refused, unreadable, or an OperationOutcome in place of results. */
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

/** Tried again under the newer version when somebody else wrote meanwhile. */
const triesAtMost = 3;

/**
 * Cancelled under If-Match and read again: what the partner shows then is the truth. Without a version to write under
 * nothing is written: a cancel must not run over the partner's own answer.
 */
export async function cancel(client: FhirClient, remoteId: string, reason: string, scope: CancelScope): Promise<Cancelled> {
  const from = scope === 'untaken' ? untaken : open;
  let now = await client.read<fhir4.Task>('Task', remoteId);
  for (let tries = 0; tries < triesAtMost && from.includes(now.resource.status); tries += 1) {
    if (now.etag === undefined) return { kind: 'cannot-prove', code: 'The partner gives no version under which a Task could be cancelled' };
    const overtaken = await writeCancelled(client, now.resource, now.etag, reason);
    now = await client.read<fhir4.Task>('Task', remoteId);
    if (!overtaken) break;
  }
  return judge(now.resource.status, from);
}

/** @returns true when somebody else had written in between */
async function writeCancelled(client: FhirClient, task: fhir4.Task, etag: string, reason: string): Promise<boolean> {
  try {
    await client.update({ ...task, status: 'cancelled', statusReason: { text: reason } }, etag);
    return false;
  } catch (error) {
    const { code } = errorRecord(error);
    if (code !== 'OUTCOME_UNKNOWN' && code !== 'REMOTE_REFUSED') throw error;
    return [409, 412].includes(statusOf(error));
  }
}

function judge(status: string, from: readonly string[]): Cancelled {
  if (['cancelled', 'rejected', 'entered-in-error'].includes(status)) return { kind: 'cancelled', status };
  if (from.includes(status)) return { kind: 'cannot-prove', code: 'The partner still shows the Task as open after it was cancelled' };
  if ([...open, 'completed', 'failed'].includes(status)) return { kind: 'kept', status };
  return { kind: 'cannot-prove', code: 'The partner shows the Task in a state that the guide does not know' };
}

/**
 * What a Task led to, by reference (Procedure) or by code (guide, Task.output `resulting-activity`). A Procedure that
 * the partner does not give out is named, and stops nobody.
 */
export async function outputs(client: FhirClient, remoteId: string): Promise<Outputs> {
  const { resource: task } = await client.read<fhir4.Task>('Task', remoteId);
  const result: Outputs = { procedures: [], unread: [] };
  for (const [index, one] of (Array.isArray(task.output) ? task.output : []).entries()) {
    await readOutput(client, task, one, index, result);
  }
  return result;
}

async function readOutput(client: FhirClient, task: fhir4.Task, one: fhir4.TaskOutput, index: number, result: Outputs): Promise<void> {
  const reference = one.valueReference?.reference;
  const unread = (id: string) => result.unread.push(id);
  if (one.valueCodeableConcept && isActivity(one)) result.procedures.push(procedureOfCode(task, one.valueCodeableConcept, index));
  if (reference === undefined) return;
  if (reference.startsWith('#')) {
    const inner = task.contained?.find((some) => some.resourceType === 'Procedure' && some.id === reference.slice(1));
    if (inner) keep(result, { ...(inner as fhir4.Procedure), id: `${task.id}-${index}` });
    return;
  }
  if (parseReference(reference)?.type !== 'Procedure') return;
  const id = localId(reference, 'Procedure', client.base);
  if (id === undefined) return void unread(parseReference(reference)?.id ?? `${task.id}-${index}`);
  try {
    keep(result, (await client.read<fhir4.Procedure>('Procedure', id)).resource);
  } catch (error) {
    if (errorRecord(error).code !== 'REMOTE_REFUSED') throw error;
    unread(id);
  }
}

/** A Procedure without status or code is none (R4: 1..1; guide: code 1..1). */
function keep(result: Outputs, procedure: fhir4.Procedure): void {
  if (typeof procedure.status === 'string' && procedure.code) result.procedures.push(procedure);
  else result.unread.push(procedure.id ?? '');
}

const isActivity = (one: fhir4.TaskOutput) =>
  (one.type?.coding ?? []).some((coding) => coding.system === systems.sdohcc && coding.code === 'resulting-activity');

function procedureOfCode(task: fhir4.Task, code: fhir4.CodeableConcept, index: number): fhir4.Procedure {
  const at = task.lastModified ?? task.meta?.lastUpdated;
  return {
    resourceType: 'Procedure',
    id: `${task.id}-${index}`,
    status: 'completed',
    code,
    subject: task.for ?? {},
    ...(at ? { performedDateTime: at } : {}),
  };
}
