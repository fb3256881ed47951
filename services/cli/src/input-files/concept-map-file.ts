import { readFileSync } from 'node:fs';
import { AppError } from '@loopwell/kit';
import { readConceptMap, type Translations } from '@loopwell/sdoh';

/** The text of a file that `readTranslations` accepts. */
export function readConceptMapText(file: string): string {
  readTranslations(file);
  return readFileSync(file, 'utf8');
}

/**
 * A site's own codes in LOINC, from a file that holds one FHIR R4 ConceptMap.
 *
 * @throws AppError CONFIG_INVALID with the place of what is wrong in it: half a map would code half the answers
 */
export function readTranslations(file: string): Translations {
  const { translations, problems } = readConceptMap(parse(file));
  const [first] = problems;
  if (first === undefined) return translations;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new AppError('CONFIG_INVALID', `${file}: ${`${first.place} ${first.says}`.trim()}${more}`);
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    throw new AppError('CONFIG_INVALID', `${file} cannot be read as JSON`);
  }
}
