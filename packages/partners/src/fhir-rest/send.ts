import type { fhir4 } from '@loopwell/fhir';
import { type FhirClient, type SearchPage, wasApplied } from '@loopwell/fhir/client';
import { AppError, errorRecord } from '@loopwell/kit';
import type { Asked, RemoteTask } from '../channel.ts';

export function remote(task: fhir4.Task, etag?: string): RemoteTask {
  const version: unknown = task.meta?.versionId;
  const known =
    etag ?? (typeof version === 'string' && version !== '' ? `W/"${version}"` : undefined);
  // A version that no header could carry is none.
  const isUsable = known !== undefined && /^[\x20-\x7E]{1,200}$/.test(known);
  return {
    remoteId: task.id ?? '',
    status: task.status,
    task,
    ...(isUsable ? { etag: known } : {}),
  };
}

/** Status of a refusal or failure, 0 where there was none. */
export const statusOf = (error: unknown): number => {
  const { status } = errorRecord(error).facts;
  return typeof status === 'number' ? status : 0;
};

export const isGone = (error: unknown): boolean => [404, 410].includes(statusOf(error));

/**
 * The identifier that a Task goes out with: the receipt key, in the system of this installation.
 */
function nameOf(
  task: fhir4.Task,
  receiptKey: string,
): Required<Pick<fhir4.Identifier, 'system' | 'value'>> {
  const system = task.identifier?.find((one) => one.value === receiptKey)?.system;
  if (system === undefined) throw new AppError('INTERNAL', 'A Task does not carry its receipt key');
  return { system, value: receiptKey };
}

const isOurs = (shown: fhir4.Task, task: fhir4.Task, receiptKey: string) => {
  const { system, value } = nameOf(task, receiptKey);
  return (
    Array.isArray(shown.identifier) &&
    shown.identifier.some((one) => one?.system === system && one.value === value)
  );
};

/**
 * Posted under our identifier, then read back: a partner that says yes and keeps nothing is found
 * out at once.
 */
export async function send(
  client: FhirClient,
  task: fhir4.Task,
  receiptKey: string,
  mayGo?: () => boolean,
): Promise<RemoteTask> {
  const created = await post(client, task, receiptKey, mayGo);
  try {
    const { resource, etag } = await client.read<fhir4.Task>('Task', created.id);
    if (isOurs(resource, task, receiptKey)) return remote(resource, etag ?? created.etag);
  } catch (error) {
    if (!isGone(error))
      throw new AppError('OUTCOME_UNKNOWN', 'The partner took a Task and could not be read again', {
        cause: error,
      });
  }
  throw new AppError('OUTCOME_UNKNOWN', 'The partner took a Task and does not show it', {
    facts: { notKept: true },
  });
}

async function post(
  client: FhirClient,
  task: fhir4.Task,
  receiptKey: string,
  mayGo: (() => boolean) | undefined,
): Promise<{ id: string; etag?: string | undefined }> {
  const { id: _ours, ...body } = task;
  try {
    return await client.create(
      body as fhir4.Task,
      `identifier=${encodeURIComponent(tokenOf(task, receiptKey))}`,
      mayGo,
    );
  } catch (error) {
    // Several match our identifier: it is there, and asking says where.
    if (statusOf(error) === 412)
      throw new AppError('OUTCOME_UNKNOWN', 'The partner has the Task already', {
        facts: { status: 412 },
      });
    const { code, facts } = errorRecord(error);
    // A yes without an address: whether anything was kept, only asking can say.
    if (code === 'OUTCOME_UNKNOWN' && facts.origin === undefined)
      throw new AppError(
        'OUTCOME_UNKNOWN',
        'The partner said yes and did not say where the Task is',
        {
          facts: { ...facts, notKept: true },
        },
      );
    throw error;
  }
}

const tokenOf = (task: fhir4.Task, receiptKey: string): string => {
  const { system, value } = nameOf(task, receiptKey);
  return `${system}|${value}`;
};

/**
 * Asks with a search that every partner must support; believes a hit only if it carries our
 * identifier, and a "no" only if the answer shows that the parameter was applied. Where `focus` was
 * not, the identifier is asked for.
 */
export async function ask(
  client: FhirClient,
  task: fhir4.Task,
  receiptKey: string,
): Promise<Asked> {
  const byFocus = await askBy(client, 'focus', task.focus?.reference ?? '', task, receiptKey);
  if (byFocus.kind !== 'cannot-tell') return byFocus;
  return askBy(client, 'identifier', tokenOf(task, receiptKey), task, receiptKey);
}

async function askBy(
  client: FhirClient,
  parameter: string,
  value: string,
  task: fhir4.Task,
  receiptKey: string,
): Promise<Asked> {
  try {
    let page: SearchPage = await client.search('Task', { [parameter]: value });
    const applied = wasApplied(page, parameter);
    const seen = new Set<string>();
    while (true) {
      const found = page.resources.find(
        (one) => one.resourceType === 'Task' && isOurs(one as fhir4.Task, task, receiptKey),
      );
      if (found?.id) return { kind: 'there', ...remote(found as fhir4.Task) };
      if (page.nextUrl === undefined)
        return { kind: applied && page.invalid.length === 0 ? 'not-there' : 'cannot-tell' };
      if (seen.has(page.nextUrl) || seen.size >= 100) return { kind: 'cannot-tell' };
      seen.add(page.nextUrl);
      page = await client.page(page.nextUrl);
    }
  } catch (error) {
    // A search that is refused says nothing about the Task: it must never be taken for a refusal of
    // the referral.
    if (errorRecord(error).code === 'REMOTE_REFUSED') return { kind: 'cannot-tell' };
    throw error;
  }
}
