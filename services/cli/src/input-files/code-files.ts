import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { type Coded, codeBytes, refused } from '@loopwell/enrichment';
import { longestLine } from '@loopwell/fhir/files';
import { AppError } from '@loopwell/kit';
import type { Site } from '@loopwell/sdoh';

/** Standard input, by its name on the command line. */
export const standardInput = '-';

/** Bytes: what stands in no Bundle is held until the end of its file, and takes about ten times as much memory. */
const limit = { value: longestLine, gathered: 64 * 1024 * 1024 };

/** @throws AppError CONFIG_INVALID for the first file that cannot be opened, before anything is coded */
export function requireFiles(files: readonly string[]): void {
  for (const file of files) {
    if (file === standardInput) continue;
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) throw new AppError('CONFIG_INVALID', `${file} does not exist`);
    if (stat.isDirectory())
      throw new AppError('CONFIG_INVALID', `${file} is a folder; name its files`);
  }
}

/**
 * What is made of one file or of standard input, and where it stands (`file:line`). A file that holds nothing is told.
 *
 * @throws AppError CONFIG_INVALID where reading breaks off
 */
export async function* codedOf(
  file: string,
  stdin: Readable,
  site: Site,
  count: { otherTypes: number },
): AsyncIterable<Coded & { place: string }> {
  const [name, input] =
    file === standardInput ? ['standard input', stdin] : [file, createReadStream(file)];
  const before = count.otherTypes;
  let isEmpty = file !== standardInput;
  try {
    for await (const one of codeBytes(input, limit, site, count)) {
      isEmpty = false;
      yield { ...one, place: one.line === undefined ? name : `${name}:${one.line}` };
    }
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `${file} cannot be read to its end`, { cause });
  }
  if (isEmpty && count.otherTypes === before)
    yield { ...refused('The file is empty.'), place: `${name}:1` };
}
