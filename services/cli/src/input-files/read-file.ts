import { readFileSync } from 'node:fs';
import { AppError } from '@loopwell/kit';

/**
 * Reads a file that an option names.
 * @param name the name of the file in a message, such as "The token file keys.txt"
 * @throws AppError CONFIG_INVALID when it cannot be read
 */
export function readTextFile(file: string, name = file): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new AppError('CONFIG_INVALID', `${name} cannot be read`);
  }
}

/**
 * Reads a JSON file that an option names.
 * @throws AppError CONFIG_INVALID when the file cannot be read or is not JSON
 */
export function readJsonFile(file: string, name = file): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    throw new AppError('CONFIG_INVALID', `${name} cannot be read as JSON`);
  }
}
