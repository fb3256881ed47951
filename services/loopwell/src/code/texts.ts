import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { linesOf, longestLine } from '@loopwell/enrichment';
import { AppError } from '@loopwell/kit';

/** One text to code, and where it stands: `file:line`. It is left out where it was too long to be held. */
export type Text = { place: string; text?: string };

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
 * A `.json` file is one text; any other file, and standard input, is one per line. Gzipped ones end in `.gz`.
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
  if (file !== standardInput && /\.json(\.gz)?$/i.test(file)) {
    yield { place: file, ...(await whole(open(file, stdin))) };
    return;
  }
  const name = file === standardInput ? 'standard input' : file;
  let line = 0;
  for await (const text of linesOf(open(file, stdin))) {
    line += 1;
    if (text === undefined) yield { place: `${name}:${line}` };
    else if (text.trim() !== '') yield { place: `${name}:${line}`, text: line === 1 ? text.replace(/^\uFEFF/, '') : text };
  }
}

function open(file: string, stdin: Readable): Readable {
  if (file === standardInput) return stdin;
  const raw = createReadStream(file);
  if (!/\.gz$/i.test(file)) return raw;
  const unpacked = raw.pipe(createGunzip());
  raw.once('error', (error) => unpacked.destroy(error));
  return unpacked;
}

async function whole(input: Readable): Promise<{ text?: string }> {
  const decoder = new StringDecoder('utf8');
  const parts: string[] = [];
  let length = 0;
  for await (const chunk of input) {
    const part = decoder.write(chunk as Buffer);
    length += part.length;
    if (length > longestLine) {
      input.destroy();
      return {};
    }
    parts.push(part);
  }
  return { text: `${parts.join('')}${decoder.end()}`.replace(/^\uFEFF/, '') };
}
