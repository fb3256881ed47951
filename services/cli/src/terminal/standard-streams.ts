import type { Writable } from 'node:stream';

/** Whoever reads may stop reading (`| head`): that is no error of ours, and nobody is left to be told. */
export function quietWhenUnread(...streams: readonly Writable[]): void {
  for (const stream of streams) stream.on('error', () => {});
}

/** Waits until readers have taken all that was written, however slow they are: `process.exit` cuts off what has not left. */
export async function flushed(...streams: readonly Writable[]): Promise<void> {
  await Promise.all(
    streams.map(
      (stream) =>
        new Promise<void>((resolve) =>
          stream.destroyed ? resolve() : stream.write('', () => resolve()),
        ),
    ),
  );
}
