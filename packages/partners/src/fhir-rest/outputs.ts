import { type fhir4, parseReference, trimBase } from '@loopwell/fhir';
import type { FhirClient } from '@loopwell/fhir/client';
import { errorRecord } from '@loopwell/kit';
import type { Output } from '../channel.ts';

type Loose = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : isObject(value) ? [value] : []);

/** Outputs of one Task that are looked up; more of them are named and not read. */
const readAtMost = 50;

/**
 * What a Task led to (R4 Task.output, `value[x]` of any type): references into the partner's server are read, contained
 * resources are taken from the Task, everything else is kept as it is. Nothing that lies elsewhere is asked for.
 */
export async function outputs(client: FhirClient, task: fhir4.Task, giveUp: boolean): Promise<Output[]> {
  const found: Output[] = [];
  for (const one of listOf(task.output).filter(isObject)) {
    const output = outputOf(one);
    found.push(output.reference === null ? output : await follow(client, task, output, { giveUp, mayRead: found.length < readAtMost }));
  }
  return found;
}

function outputOf(one: Loose): Output {
  const name = Object.keys(one).find((key) => /^value[A-Z]/.test(key) && one[key] !== undefined && one[key] !== null) ?? null;
  const value = name === null ? null : one[name];
  // A reference inside R5's CodeableReference, or as a bare address, leads to the same place.
  const inner = isObject(value) && isObject(value.reference) ? value.reference.reference : isObject(value) ? value.reference : undefined;
  const isAddress = ['valueUri', 'valueUrl', 'valueCanonical'].includes(name ?? '') && parseReference(String(value)) !== undefined;
  const reference = typeof inner === 'string' && inner !== '' ? inner : isAddress ? String(value) : null;
  return { type: one.type, valueName: name, value, reference, resource: null, unread: null };
}

async function follow(
  client: FhirClient,
  task: fhir4.Task,
  output: Output,
  { giveUp, mayRead }: { giveUp: boolean; mayRead: boolean },
): Promise<Output> {
  const reference = output.reference ?? '';
  if (reference.startsWith('#')) {
    const inner = listOf(task.contained).find((some) => isObject(some) && (some.id === reference.slice(1) || some.id === reference));
    return inner ? { ...output, resource: inner } : { ...output, unread: 'not-there' };
  }
  const parsed = parseReference(reference);
  const isHere = parsed !== undefined && (parsed.base === undefined || isBase(parsed.base, client.base));
  // What was never meant to be read by us (an address beside a reference) is kept as it is written.
  if (!isHere) return { ...output, unread: output.valueName === 'valueReference' ? 'elsewhere' : null };
  if (!mayRead) return { ...output, unread: 'too-many' };
  try {
    return { ...output, resource: (await client.read(parsed.type, parsed.id)).resource };
  } catch (error) {
    const { code } = errorRecord(error);
    if (code === 'REMOTE_REFUSED') return { ...output, unread: 'not-there' };
    if (code !== 'REMOTE_INVALID' && !giveUp) throw error;
    return { ...output, unread: 'unreadable' };
  }
}

/** The same base in whatever way its host and port are written. */
const isBase = (written: string, base: string): boolean => URL.canParse(written) && trimBase(new URL(written).href) === base;
