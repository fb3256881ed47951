import type { Writable } from 'node:stream';

/** Prints a result on standard output, with a line break after it. */
export function printLine(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Ignores write errors, because a reader may stop reading (`| head`). */
export function ignoreWriteErrors(...streams: readonly Writable[]): void {
  for (const stream of streams) stream.on('error', () => {});
}

/** Waits until readers have taken all output, because `process.exit` would cut it off. */
export async function flushStreams(...streams: readonly Writable[]): Promise<void> {
  await Promise.all(streams.map(flushStream));
}

function flushStream(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}
