import { isObject } from '../fhir-json/tolerant-readers.ts';
import type { InterpreterNeed } from './profile-model.ts';
import { leaveOut, type Notes } from './profile-reader.ts';

/** R4's own extension (a boolean), and US Core's newer one (a SNOMED CT code). */
export const interpreterUrls: readonly unknown[] = [
  'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired',
  'http://hl7.org/fhir/us/core/StructureDefinition/us-core-interpreter-needed',
];

/** Yes and no of US Core's value set. "Unknown" is in it, too, and says nothing. */
const answers: ReadonlyMap<unknown, InterpreterNeed> = new Map([
  ['373066001', 'needed'],
  ['373067005', 'not-needed'],
]);

/**
 * Reads from the extensions of a Patient whether an interpreter is needed. Where they disagree the
 * need counts, because a missing interpreter does more harm than one too many.
 */
export function interpreterNeed(extensions: unknown, notes: Notes): InterpreterNeed | undefined {
  if (!Array.isArray(extensions)) return undefined;
  const needs = new Set<InterpreterNeed>();
  for (const extension of extensions as unknown[]) {
    if (!isObject(extension) || !interpreterUrls.includes(extension.url)) continue;
    const need = needIn(extension);
    if (need === undefined) leaveOut(notes, 'extension(interpreter)');
    else needs.add(need);
  }
  if (needs.size > 1) leaveOut(notes, 'extension(interpreter): contradiction');
  if (needs.has('needed')) return 'needed';
  return needs.has('not-needed') ? 'not-needed' : undefined;
}

function needIn({ valueBoolean, valueCoding }: Record<string, unknown>) {
  if (typeof valueBoolean === 'boolean') return valueBoolean ? 'needed' : 'not-needed';
  return isObject(valueCoding) ? answers.get(valueCoding.code) : undefined;
}
