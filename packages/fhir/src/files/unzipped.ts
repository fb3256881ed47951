import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/**
 * The number of times a file is unpacked. Some archives are packed twice on their way; a third time
 * is not unpacked.
 */
const mostTimes = 2;

/**
 * Gives the bytes of a file, unpacked if its first two bytes say that it is gzip. The file's name
 * is ignored.
 */
export async function* unzipped(
  input: AsyncIterable<unknown>,
  times = mostTimes,
): AsyncIterable<Buffer> {
  const chunks = input[Symbol.asyncIterator]();
  try {
    const start = await startOf(chunks);
    const all = restOf(start, chunks);
    if (times === 0 || start.length < 2 || start.readUInt16BE(0) !== 0x1f8b) return yield* all;
    const packed = Readable.from(all);
    const unpacked = packed.pipe(createGunzip());
    packed.once('error', (error) => unpacked.destroy(error));
    yield* unzipped(unpacked, times - 1);
  } finally {
    await chunks.return?.();
  }
}

const bytesOf = (chunk: unknown) =>
  typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);

/** Reads as many chunks as it takes to have two bytes. */
async function startOf(chunks: AsyncIterator<unknown>): Promise<Buffer> {
  let start = Buffer.alloc(0);
  while (start.length < 2) {
    const next = await chunks.next();
    if (next.done) break;
    start = Buffer.concat([start, bytesOf(next.value)]);
  }
  return start;
}

async function* restOf(start: Buffer, chunks: AsyncIterator<unknown>): AsyncGenerator<Buffer> {
  if (start.length > 0) yield start;
  for (let next = await chunks.next(); !next.done; next = await chunks.next())
    yield bytesOf(next.value);
}
