import { type fhir4, localId, parseReference, systems } from '@loopwell/fhir';
import { type FhirClient, wasApplied } from '@loopwell/fhir/client';
import { AppError, errorRecord } from '@loopwell/kit';
import type { Asked, Cancelled, Channel, RemoteTask } from '../channel.ts';

/**
 * Direct referral (SDOH Clinical Care 3.0.0, section 2.1): the Task is posted to the partner's FHIR server, which keeps
 * it and moves it; we ask by polling.
 */
export function fhirRest(client: FhirClient): Channel {
  return {
    id: 'fhir-rest',
    unknownOutcome: 'ask',
    send: (task, receiptKey, mayGo) => send(client, task, receiptKey, mayGo),
    ask: (task, receiptKey) => ask(client, task, receiptKey),
    poll: (remoteIds) => poll(client, remoteIds),
    cancel: (remoteId, reason) => cancel(client, remoteId, reason),
    outputs: (remoteId) => outputs(client, remoteId),
  };
}

const remote = (task: fhir4.Task, etag?: string): RemoteTask => ({
  remoteId: task.id ?? '',
  status: task.status,
  task,
  ...(etag ?? task.meta?.versionId ? { etag: etag ?? `W/"${task.meta?.versionId}"` } : {}),
});

const isOurs = (task: fhir4.Task, receiptKey: string) =>
  (task.identifier ?? []).some((one) => one.system === systems.loopwellReceipt && one.value === receiptKey);

/** Posted under our identifier, then read back: a partner that says yes and keeps nothing is found out at once. */
async function send(client: FhirClient, task: fhir4.Task, receiptKey: string, mayGo?: () => boolean): Promise<RemoteTask> {
  const identifier = `${systems.loopwellReceipt}|${receiptKey}`;
  const { id: _ours, ...body } = task;
  const created = await client.create(body as fhir4.Task, `identifier=${encodeURIComponent(identifier)}`, mayGo);
  try {
    const { resource, etag } = await client.read<fhir4.Task>('Task', created.id);
    if (isOurs(resource, receiptKey)) return remote(resource, etag ?? created.etag);
  } catch (error) {
    if (errorRecord(error).facts.status !== 404 && errorRecord(error).facts.status !== 410) throw unknown(error);
  }
  throw new AppError('OUTCOME_UNKNOWN', 'The partner took a Task and does not show it');
}

const unknown = (cause: unknown) => new AppError('OUTCOME_UNKNOWN', 'The partner took a Task and could not be read again', { cause });

/** Asks with a search that every partner must support; believes a "no" only if the parameter was applied. */
async function ask(client: FhirClient, task: fhir4.Task, receiptKey: string): Promise<Asked> {
  let page = await client.search('Task', { focus: task.focus?.reference ?? '' });
  const applied = wasApplied(page, 'focus');
  for (let pages = 0; pages < 100; pages += 1) {
    const found = page.resources.find((one) => one.resourceType === 'Task' && isOurs(one as fhir4.Task, receiptKey));
    if (found) return { kind: 'there', ...remote(found as fhir4.Task) };
    if (page.nextUrl === undefined) return applied ? { kind: 'not-there' } : { kind: 'cannot-tell' };
    page = await client.page(page.nextUrl);
  }
  return { kind: 'cannot-tell' };
}

async function poll(client: FhirClient, remoteIds: readonly string[]): Promise<Map<string, RemoteTask>> {
  const found = new Map<string, RemoteTask>();
  for (let start = 0; start < remoteIds.length; start += 50) {
    const some = remoteIds.slice(start, start + 50);
    let page = await client.search('Task', { _id: some.join(','), _count: '50' });
    for (let pages = 0; pages < 50; pages += 1) {
      for (const one of page.resources) if (one.resourceType === 'Task' && one.id) found.set(one.id, remote(one as fhir4.Task));
      if (page.nextUrl === undefined) break;
      page = await client.page(page.nextUrl);
    }
  }
  return found;
}

/** Cancelled under If-Match and read again: what the partner shows then is the truth. */
async function cancel(client: FhirClient, remoteId: string, reason: string): Promise<Cancelled> {
  const { resource, etag } = await client.read<fhir4.Task>('Task', remoteId);
  if (resource.status !== 'requested') return judge(resource.status);
  const cancelled: fhir4.Task = { ...resource, status: 'cancelled', statusReason: { text: reason } };
  try {
    await client.update(cancelled, etag);
  } catch (error) {
    const { code, facts } = errorRecord(error);
    const mayHaveHappened = code === 'OUTCOME_UNKNOWN' || facts.status === 412 || facts.status === 409;
    if (!mayHaveHappened && code !== 'REMOTE_REFUSED') throw error;
  }
  return judge((await client.read<fhir4.Task>('Task', remoteId)).resource.status);
}

function judge(status: string): Cancelled {
  if (['cancelled', 'rejected', 'failed', 'entered-in-error'].includes(status)) return { kind: 'cancelled' };
  if (['accepted', 'in-progress', 'on-hold', 'completed'].includes(status)) return { kind: 'accepted', status };
  return { kind: 'cannot-prove', code: 'The partner still shows the Task as requested after it was cancelled' };
}

async function outputs(client: FhirClient, remoteId: string): Promise<fhir4.Procedure[]> {
  const { resource } = await client.read<fhir4.Task>('Task', remoteId);
  const ids = (resource.output ?? []).flatMap((one) => {
    const reference = one.valueReference?.reference;
    return parseReference(reference)?.type === 'Procedure' ? (localId(reference, 'Procedure', client.base) ?? []) : [];
  });
  const read = ids.map(async (id) => (await client.read<fhir4.Procedure>('Procedure', id)).resource);
  return Promise.all(read);
}
