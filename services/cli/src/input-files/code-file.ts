import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { type Coded, codeBytes, refused } from '@loopwell/enrichment';
import { longestLine } from '@loopwell/fhir/files';
import { AppError } from '@loopwell/kit';
import type { Site } from '@loopwell/sdoh';

/** The name of standard input on the command line. */
export const standardInput = '-';

/**
 * Limits in bytes. Resources outside of Bundles are held until the end of their file, in about ten
 * times as much memory.
 */
const limit = { perResource: longestLine, gathered: 64 * 1024 * 1024 };

/**
 * Checks that the files exist and are not folders.
 * @throws AppError CONFIG_INVALID for the first file that cannot be opened, before anything is
 *   coded
 */
export function requireFiles(files: readonly string[]): void {
  for (const file of files) {
    if (file === standardInput) continue;
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) throw new AppError('CONFIG_INVALID', `${file} does not exist`);
    if (stat.isDirectory())
      throw new AppError('CONFIG_INVALID', `${file} is a folder; name its files`);
  }
}

/** The result of one person or one line, with its place in the input (`file:line`). */
export type FileResult = Coded & { place: string };

/**
 * Codes one file or standard input, one result at a time. An empty file gives one result that says
 * so.
 *
 * @param counts resources of other types are added to it
 * @throws AppError CONFIG_INVALID when the file cannot be read to its end
 */
export async function* codeFile(
  file: string,
  stdin: Readable,
  site: Site,
  counts: { otherTypes: number },
): AsyncIterable<FileResult> {
  const isStandardInput = file === standardInput;
  const name = isStandardInput ? 'standard input' : file;
  const input = isStandardInput ? stdin : createReadStream(file);
  const otherTypesBefore = counts.otherTypes;
  let isEmpty = !isStandardInput;
  try {
    for await (const coded of codeBytes(input, limit, site, counts)) {
      isEmpty = false;
      yield { ...coded, place: coded.line === undefined ? name : `${name}:${coded.line}` };
    }
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `${file} cannot be read to its end`, { cause });
  }
  if (isEmpty && counts.otherTypes === otherTypesBefore)
    yield { ...refused('The file is empty.'), place: `${name}:1` };
}
