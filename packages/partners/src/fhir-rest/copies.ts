import { type fhir4, parseReference, parseWritten } from '@loopwell/fhir';
import type { FhirClient } from '@loopwell/fhir/client';
import { AppError } from '@loopwell/kit';
import type { Output, ReferralPacket } from '../channel.ts';
import { outputs } from './outputs.ts';

/** A resource with the identifier by which a copy of it is made once. */
type Identified = fhir4.Resource & { id?: string; identifier?: fhir4.Identifier[] };

/**
 * Posts copies of the resources that a Task leads to, each once, by our identifier. Gives the Task
 * with references to these copies. The server must not follow a reference to elsewhere, so that
 * other references become identifiers.
 *
 * @param mayGo asked before each copy leaves
 */
export async function withCopies(
  client: FhirClient,
  { key, task, resources }: ReferralPacket,
  mayGo: () => boolean,
): Promise<fhir4.Task> {
  const system = systemOf(task, key);
  const copies = new Map<string, string>();
  const written = <R>(json: R): R => withReferences(json, (name) => copyOf(name, copies, system));
  for (const resource of resources as Identified[]) {
    const { id = '', ...content } = resource;
    const copy = written({ ...content, identifier: identifiersWith(resource, system) });
    const condition = `identifier=${encodeURIComponent(`${system}|${id}`)}`;
    const created = await client.create(copy as fhir4.Resource, condition, mayGo);
    copies.set(`${resource.resourceType}/${id}`, `${resource.resourceType}/${created.id}`);
  }
  return written(task);
}

function systemOf(task: fhir4.Task, key: string): string {
  const system = task.identifier?.find(({ value }) => value === key)?.system;
  if (system === undefined) throw new AppError('INTERNAL', 'A Task does not carry its receipt key');
  return system;
}

/** Lists the identifiers of a copy. Ours is among them. */
function identifiersWith({ id = '', identifier = [] }: Identified, system: string) {
  const hasOurs = identifier.some((listed) => listed.system === system && listed.value === id);
  return hasOurs ? identifier : [...identifier, { system, value: id }];
}

/**
 * Writes a reference for the partner's server: to its copy, with our identifier; without a copy, by
 * our identifier alone.
 */
function copyOf(
  reference: fhir4.Reference,
  copies: ReadonlyMap<string, string>,
  system: string,
): fhir4.Reference {
  const parsed = parseReference(reference.reference);
  if (!parsed) return reference;
  const { reference: _ours, ...rest } = reference;
  const identifier = { system, value: parsed.id };
  const copy = copies.get(`${parsed.type}/${parsed.id}`);
  const logical = { ...rest, type: parsed.type, identifier };
  return copy === undefined ? logical : { reference: copy, ...logical };
}

/** Rewrites each Reference of a resource. */
function withReferences<R>(json: R, rewrite: (reference: fhir4.Reference) => fhir4.Reference): R {
  if (Array.isArray(json)) return json.map((inner) => withReferences(inner, rewrite)) as R;
  if (typeof json !== 'object' || json === null) return json;
  const { reference } = json as fhir4.Reference;
  if (typeof reference === 'string') return rewrite(json as fhir4.Reference) as R;
  const entries = Object.entries(json).map(([name, inner]) => [
    name,
    withReferences(inner, rewrite),
  ]);
  return Object.fromEntries(entries) as R;
}

/** Ids that we make. A partner's own identifiers look different. */
const ourId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Gives our name of the resource that a reference of our Task leads to: the identifier that we
 * wrote beside it, if its system is one that the Task itself has.
 */
function ourNameOf({ type, identifier, reference }: fhir4.Reference, task: fhir4.Task) {
  const systems = (Array.isArray(task.identifier) ? task.identifier : []).map(
    (listed) => listed?.system,
  );
  const { system, value: id = '' } = identifier ?? {};
  const isOurs = system !== undefined && systems.includes(system) && ourId.test(id);
  const named = type ?? parseWritten(reference)?.type;
  return isOurs && named ? `${named}/${id}` : undefined;
}

/** Elements of a Task that lead to what we posted. */
const leading = ['for', 'focus', 'requester', 'owner'] as const;

/** Gives a partner's Task with our own names for what we posted. */
export function namedAsOurs<T extends { task: fhir4.Task }>(shown: T): T {
  const task = { ...shown.task };
  for (const element of leading) {
    const reference = task[element];
    const ours = reference && ourNameOf(reference, shown.task);
    if (ours) task[element] = { ...reference, reference: ours };
  }
  return { ...shown, task };
}

/**
 * Lists the outputs of a Task, with our own names for what we posted. The Task is read again,
 * because it alone says where our copies are.
 */
export async function outputsNamedAsOurs(
  client: FhirClient,
  task: fhir4.Task,
  giveUp: boolean,
): Promise<Output[]> {
  const listed = await outputs(client, task, giveUp);
  const isCopied = leading.some((element) => task[element] && ourNameOf(task[element], task));
  if (!isCopied) return listed;
  if (!listed.some(({ resource }) => resource !== null)) return listed;
  const { resource: shown } = await client.read<fhir4.Task>('Task', task.id ?? '');
  const ours = new Map<string, string>();
  for (const element of leading) {
    const reference = shown[element];
    const name = reference && ourNameOf(reference, shown);
    const parsed = parseWritten(reference?.reference);
    if (name && parsed) ours.set(`${parsed.type}/${parsed.id}`, name);
  }
  const renamed = (reference: fhir4.Reference): fhir4.Reference => {
    const parsed = parseWritten(reference.reference);
    const isThere = parsed && (parsed.base === undefined || parsed.base === client.base);
    const name = isThere ? ours.get(`${parsed.type}/${parsed.id}`) : undefined;
    return name === undefined ? reference : { ...reference, reference: name };
  };
  return listed.map((output) => ({
    ...output,
    resource: withReferences(output.resource, renamed),
  }));
}
