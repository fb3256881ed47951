/** Bytes of all answers that are held at a time, packed and unpacked. */
export const bytesAtMost = 256 * 1024 * 1024;

/** The bytes that one answer holds, and how it is given up. */
type Holding = { origin: string; bytes: number; giveUp: () => void };

/**
 * Shares of all answers: the bytes that are held, and one turn after the other to unpack, which
 * takes the most.
 */
export type Held = {
  hold: (holding: Holding, bytes: number) => void;
  /**
   * Gives up answers of servers that hold more than this one would, the largest first; false where
   * this one holds most.
   */
  makeRoom: (origin: string, bytes: number) => boolean;
  inTurn: <T>(work: () => Promise<T>) => Promise<T>;
};

/** Creates the account of all bytes that are held, up to a limit. */
export function createHeld(heldAtMost: number): Held {
  let last: Promise<unknown> = Promise.resolve();
  const holdings = new Set<Holding>();
  let all = 0;
  const largestOf = (holders: readonly Holding[]) =>
    holders.reduce((most, one) => (one.bytes > most.bytes ? one : most));
  return {
    hold(holding, bytes) {
      all += bytes - holding.bytes;
      holding.bytes = bytes;
      if (bytes > 0) holdings.add(holding);
      else holdings.delete(holding);
    },
    makeRoom(origin, bytes) {
      while (all + bytes > heldAtMost) {
        const sums = new Map([[origin, bytes]]);
        for (const holding of holdings)
          sums.set(holding.origin, (sums.get(holding.origin) ?? 0) + holding.bytes);
        const [greediest] = [...sums].reduce((most, one) => (one[1] > most[1] ? one : most));
        if (greediest === origin) return false;
        largestOf([...holdings].filter((one) => one.origin === greediest)).giveUp();
      }
      return true;
    },
    inTurn(work) {
      const turn = last.then(work);
      last = turn.catch(() => {});
      return turn;
    },
  };
}

/**
 * Creates a body in one buffer that grows: a server that sends a byte at a time costs a byte each
 * and not an object.
 */
export function createBody(
  maxBytes: number,
  held: Held,
  { origin, giveUp }: Pick<Holding, 'origin' | 'giveUp'>,
) {
  let buffer: Buffer = Buffer.alloc(0);
  let length = 0;
  const holding: Holding = { origin, giveUp, bytes: 0 };
  const resize = (size: number) => {
    held.hold(holding, size);
    const larger = Buffer.allocUnsafe(size);
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  };
  return {
    take(chunk: Buffer): 'too-large' | 'memory' | undefined {
      const needed = length + chunk.length;
      if (needed > maxBytes) return 'too-large';
      if (needed > buffer.length) {
        const size = Math.min(maxBytes, Math.max(needed, 2 * buffer.length, 16_384));
        if (!held.makeRoom(origin, size - buffer.length)) return 'memory';
        resize(size);
      }
      length += chunk.copy(buffer, length);
      return undefined;
    },
    bytes: () => buffer.subarray(0, length),
    drop() {
      held.hold(holding, 0);
      buffer = Buffer.alloc(0);
      length = 0;
    },
  };
}
