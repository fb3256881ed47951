import { AppError } from '@loopwell/kit';
import { readTextFile } from './read-file.ts';

const fhirId = /^[A-Za-z0-9.-]{1,64}$/;

/**
 * Reads ids of patients, one per line, with or without `Patient/`. Blank lines and # comments are
 * skipped.
 * @throws AppError CONFIG_INVALID for a line without a FHIR id, or a file without any
 */
export function readPatientsFile(file: string): string[] {
  const name = `The patients file ${file}`;
  const text = readTextFile(file, name).replace(/^\uFEFF/, '');
  const ids = new Set<string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const id = line.trim().replace(/^Patient\//, '');
    if (id === '' || id.startsWith('#')) continue;
    if (!fhirId.test(id))
      throw new AppError('CONFIG_INVALID', `${name} has no FHIR id in line ${index + 1}`);
    ids.add(id);
  }
  if (ids.size === 0) throw new AppError('CONFIG_INVALID', `${name} names nobody`);
  return [...ids];
}
