import { isUtf8 } from 'node:buffer';

/** The most bytes that one line or value may have, so that memory stays bounded. */
export const longestLine = 128 * 1024 * 1024;

export type Decoded = { text: string } | { problem: string };

const notUtf8: Decoded = { problem: 'It is not UTF-8.' };
const tooLong: Decoded = { problem: 'It is longer than a Bundle may be.' };

/**
 * Decodes bytes as UTF-8 and removes a byte order mark, which files that were joined have in the
 * middle. Other encodings are refused, never filled with replacement characters. UTF-16 is
 * recognized by its zero bytes.
 */
function decoded(bytes: Buffer): Decoded {
  return isUtf8(bytes) && !bytes.includes(0)
    ? { text: bytes.toString('utf8').replace(/^\uFEFF/, '') }
    : notUtf8;
}

/**
 * Reads lines as they come, without their ends. A line of more than `limit` bytes is skipped and
 * reported.
 */
export async function* linesOf(
  input: AsyncIterable<unknown>,
  limit = longestLine,
): AsyncIterable<Decoded> {
  let parts: Buffer[] = [];
  let length = 0;
  const take = (part: Buffer) => {
    length += part.length;
    if (length <= limit) parts.push(part);
    else parts = [];
  };
  const line = (): Decoded => {
    const [only] = parts;
    const bytes = parts.length === 1 && only ? only : Buffer.concat(parts);
    const isLong = length > limit;
    [parts, length] = [[], 0];
    return isLong ? tooLong : decoded(bytes.at(-1) === 0x0d ? bytes.subarray(0, -1) : bytes);
  };
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
    let from = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, from)) {
      take(bytes.subarray(from, end));
      from = end + 1;
      yield line();
    }
    take(bytes.subarray(from));
  }
  if (length > 0) yield line();
}
