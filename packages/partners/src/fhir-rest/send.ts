import type { fhir4 } from '@loopwell/fhir';
import { type FhirClient, type SearchPage, wasApplied } from '@loopwell/fhir/client';
import { AppError, errorRecord } from '@loopwell/kit';
import type { Asked, RemoteTask } from '../channel.ts';

/**
 * Makes a RemoteTask of a partner's Task. Its version comes from the header, otherwise from the
 * Task itself.
 */
export function remote(task: fhir4.Task, header?: string): RemoteTask {
  const shown = { remoteId: task.id ?? '', status: task.status, task };
  const etag = header ?? versionTag(task.meta?.versionId);
  // A version that no header could carry is not used.
  const isUsable = etag !== undefined && /^[\x20-\x7E]{1,200}$/.test(etag);
  return isUsable ? { ...shown, etag } : shown;
}

const versionTag = (version: unknown): string | undefined =>
  typeof version === 'string' && version !== '' ? `W/"${version}"` : undefined;

/** Gives the HTTP status of a refusal or failure; 0 if there was none. */
export const statusOf = (error: unknown): number => {
  const { status } = errorRecord(error).facts;
  return typeof status === 'number' ? status : 0;
};

/** Tells whether the partner says that it has no such Task, or not any more. */
export const isGone = (error: unknown): boolean => [404, 410].includes(statusOf(error));

/**
 * Gives the identifier that a Task goes out with: the receipt key, in the system of this
 * installation.
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
  const ours = nameOf(task, receiptKey);
  const isSame = (identifier: fhir4.Identifier | null) =>
    identifier?.system === ours.system && identifier?.value === ours.value;
  return Array.isArray(shown.identifier) && shown.identifier.some(isSame);
};

/**
 * Posts a Task under our identifier, then reads it back. So a partner that accepts a Task and does
 * not keep it is found at once.
 */
export async function send(
  client: FhirClient,
  task: fhir4.Task,
  receiptKey: string,
  mayGo: () => boolean,
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
  mayGo: () => boolean,
): Promise<{ id: string; etag?: string | undefined }> {
  const { id: _ours, ...body } = task;
  try {
    const condition = `identifier=${encodeURIComponent(tokenOf(task, receiptKey))}`;
    return await client.create(body as fhir4.Task, condition, mayGo);
  } catch (error) {
    throw postError(error);
  }
}

function postError(error: unknown): unknown {
  // Several Tasks match our identifier, so it is there; asking shows where.
  if (statusOf(error) === 412) {
    const facts = { status: 412 };
    return new AppError('OUTCOME_UNKNOWN', 'The partner has the Task already', { facts });
  }
  const { code, facts } = errorRecord(error);
  if (code !== 'OUTCOME_UNKNOWN' || facts.origin !== undefined) return error;
  // The partner accepted without an address. Only asking shows whether it kept the Task.
  const message = 'The partner said yes and did not say where the Task is';
  return new AppError(code, message, { facts: { ...facts, notKept: true } });
}

const tokenOf = (task: fhir4.Task, receiptKey: string): string => {
  const ours = nameOf(task, receiptKey);
  return `${ours.system}|${ours.value}`;
};

/**
 * Asks whether a Task arrived, with a search that every partner must support. A hit counts only
 * with our identifier, and a "no" only if the answer shows that the parameter was applied. If
 * `focus` was not applied, the identifier is searched for.
 */
export async function ask(
  client: FhirClient,
  task: fhir4.Task,
  receiptKey: string,
): Promise<Asked> {
  const byFocus = await askBy(client, 'focus', task.focus?.reference ?? '', task, receiptKey);
  return byFocus.kind === 'cannot-tell' ? askByIdentifier(client, task, receiptKey) : byFocus;
}

/** Asks whether a Task arrived, with a search by our identifier alone. */
export const askByIdentifier = (
  client: FhirClient,
  task: fhir4.Task,
  receiptKey: string,
): Promise<Asked> => askBy(client, 'identifier', tokenOf(task, receiptKey), task, receiptKey);

/** Lists the Tasks of a page. */
const tasksOf = (page: SearchPage): fhir4.Task[] =>
  page.resources.filter(({ resourceType }) => resourceType === 'Task') as fhir4.Task[];

async function askBy(
  client: FhirClient,
  parameter: string,
  token: string,
  task: fhir4.Task,
  receiptKey: string,
): Promise<Asked> {
  try {
    let page: SearchPage = await client.search('Task', { [parameter]: token }, { isFresh: true });
    const applied = wasApplied(page, parameter);
    const seen = new Set<string>();
    while (true) {
      const shown = tasksOf(page).find((candidate) => isOurs(candidate, task, receiptKey));
      if (shown?.id) return { kind: 'there', ...remote(shown) };
      if (page.nextUrl === undefined)
        return { kind: applied && page.invalid.length === 0 ? 'not-there' : 'cannot-tell' };
      if (seen.has(page.nextUrl) || seen.size >= 100) return { kind: 'cannot-tell' };
      seen.add(page.nextUrl);
      page = await client.page(page.nextUrl);
    }
  } catch (error) {
    // A refused search says nothing about the Task. It must never count as a refusal of the
    // referral.
    if (errorRecord(error).code === 'REMOTE_REFUSED') return { kind: 'cannot-tell' };
    throw error;
  }
}
