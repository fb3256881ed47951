import { promisify } from 'node:util';
import { crc32, gunzip, type InflateRaw, inflateRaw } from 'node:zlib';

type Limits = { maxOutputLength: number };

const gunzipped = promisify(gunzip) as (bytes: Buffer, limits: Limits) => Promise<Buffer>;
const inflated = promisify(inflateRaw) as unknown as (
  bytes: Buffer,
  limits: Limits & { info: true },
) => Promise<{ buffer: Buffer; engine: InflateRaw }>;

/** Tells whether bytes begin like gzip at a place. */
export const looksPacked = (bytes: Buffer, at = 0) => bytes[at] === 0x1f && bytes[at + 1] === 0x8b;

/**
 * Unpacks gzip as every HTTP client does. Bytes behind its end (a line break, words of a proxy) are
 * left out. What was cut off or does not fit its checksum is an error.
 *
 * DECISIONS D89.
 * @throws ERR_BUFFER_TOO_LARGE, as zlib does, where it would be larger than `maxOutputLength`
 */
export async function unpack(bytes: Buffer, maxOutputLength: number): Promise<Buffer> {
  try {
    return await gunzipped(bytes, { maxOutputLength });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw error;
    // zlib takes bytes behind the end for another member.
    return readMembers(bytes, maxOutputLength);
  }
}

/** Unpacks members one after the other (RFC 1952), as long as the next one begins like one. */
async function readMembers(bytes: Buffer, maxOutputLength: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let [at, length] = [0, 0];
  while (at === 0 || looksPacked(bytes, at)) {
    const begin = afterHeader(bytes, at);
    const { buffer, engine } = await inflated(bytes.subarray(begin), {
      maxOutputLength: Math.max(1, maxOutputLength - length),
      info: true,
    });
    const end = begin + engine.bytesWritten;
    const isWhole =
      bytes.readUInt32LE(end) === crc32(buffer) &&
      bytes.readUInt32LE(end + 4) === buffer.length % 2 ** 32;
    if (!isWhole) throw new Error('The checksum or the length does not fit');
    parts.push(buffer);
    length += buffer.length;
    at = end + 8;
  }
  return Buffer.concat(parts);
}

const flags = { headerCrc: 2, extra: 4, name: 8, comment: 16 } as const;

/** Returns the offset at which the packed data begins. Reading behind the end throws. */
function afterHeader(bytes: Buffer, start: number): number {
  if (bytes.readUInt8(start + 2) !== 8) throw new Error('Packed in an unknown way');
  const flag = bytes.readUInt8(start + 3);
  let at = start + 10;
  if (flag & flags.extra) at += 2 + bytes.readUInt16LE(at);
  for (const text of [flags.name, flags.comment]) {
    if (!(flag & text)) continue;
    while (bytes.readUInt8(at) !== 0) at += 1;
    at += 1;
  }
  return flag & flags.headerCrc ? at + 2 : at;
}
