import { AppError } from '@loopwell/kit';
import { readConceptMap, type Translations } from '@loopwell/sdoh';
import { readJsonFile, readTextFile } from './read-file.ts';

/**
 * Reads a file with one FHIR R4 ConceptMap from the site's own codes to LOINC.
 * @throws AppError CONFIG_INVALID with the place and rule of the first problem, because half a map
 *   would code half the answers
 */
export function readConceptMapFile(file: string): Translations {
  const { translations, problems } = readConceptMap(readJsonFile(file));
  const [first] = problems;
  if (first === undefined) return translations;
  const problem = `${first.place} ${first.says}`.trim();
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new AppError('CONFIG_INVALID', `${file}: ${problem}${more}`);
}

/** Returns the text of a ConceptMap file after checking it as `readConceptMapFile` does. */
export function readConceptMapText(file: string): string {
  readConceptMapFile(file);
  return readTextFile(file);
}
