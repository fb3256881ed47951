import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { type Decoded, decoded, linesOf, longestLine, tooLong, unzipped } from '@loopwell/fhir/files';
import { AppError } from '@loopwell/kit';

/** One text to code, and where it stands: `file:line`; or why it is none. */
export type Text = { place: string; text: string } | { place: string; problem: string };

/** Standard input, by its name on the command line. */
export const standardInput = '-';

/** @throws AppError CONFIG_INVALID for the first file that cannot be opened, before anything is coded */
export function requireFiles(files: readonly string[]): void {
  for (const file of files) {
    if (file === standardInput) continue;
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) throw new AppError('CONFIG_INVALID', `${file} does not exist`);
    if (stat.isDirectory()) throw new AppError('CONFIG_INVALID', `${file} is a folder; name its files`);
  }
}

/**
 * A `.json` file is one text; any other file, and standard input, is one per line. Gzip is told by its bytes.
 *
 * @throws AppError CONFIG_INVALID where reading breaks off
 */
export async function* textsOf(file: string, stdin: Readable): AsyncIterable<Text> {
  try {
    yield* readTexts(file, stdin);
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `${file} cannot be read to its end`, { cause });
  }
}

async function* readTexts(file: string, stdin: Readable): AsyncIterable<Text> {
  const input = unzipped(file === standardInput ? stdin : createReadStream(file));
  if (file !== standardInput && /\.json(\.gz)?$/i.test(file)) {
    yield { place: file, ...withoutMark(await whole(input)) };
    return;
  }
  const name = file === standardInput ? 'standard input' : file;
  let line = 0;
  for await (const one of linesOf(input)) {
    line += 1;
    if ('problem' in one || one.text.trim() !== '') yield { place: `${name}:${line}`, ...(line === 1 ? withoutMark(one) : one) };
  }
}

const withoutMark = (one: Decoded): Decoded => ('text' in one ? { text: one.text.replace(/^\uFEFF/, '') } : one);

async function whole(input: AsyncIterable<Buffer>): Promise<Decoded> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of input) {
    length += part.length;
    if (length > longestLine) return tooLong;
    parts.push(part);
  }
  return decoded(Buffer.concat(parts));
}
