/** Keeps the cursors of one connection that are read at the same time abreast by `_lastUpdated`. */
export type Pace = {
  enter: (connection: string, lane: string) => void;
  /**
   * Notes how far a cursor has been read, and waits a limited time while another cursor of the
   * connection is behind.
   */
  keep: (connection: string, lane: string, upto: Date | null) => Promise<void>;
  leave: (connection: string, lane: string) => void;
};

type Lanes = { upto: Map<string, number>; waiting: Set<() => void> };

/**
 * Creates the pacing of cursors. A person's Patient, Encounter and answers are on pages of several
 * cursors. Abreast cursors bring them within moments, so that each person is coded once and not
 * once for each type. The cursor that is furthest behind never waits, and a stalled cursor delays a
 * page of the others by `longestMs` at most.
 */
export function createPace(longestMs: number): Pace {
  const connections = new Map<string, Lanes>();
  const lanesOf = (connection: string): Lanes => {
    const opened = connections.get(connection) ?? { upto: new Map(), waiting: new Set() };
    connections.set(connection, opened);
    return opened;
  };
  const move = (lanes: Lanes) => {
    for (const wake of [...lanes.waiting]) wake();
  };
  const wait = async (lanes: Lanes, isAhead: () => boolean) => {
    const ends = Date.now() + longestMs;
    while (isAhead() && Date.now() < ends) await nextMove(lanes, ends - Date.now());
  };
  return {
    enter: (connection, lane) => void lanesOf(connection).upto.set(lane, 0),
    async keep(connection, lane, upto) {
      const lanes = lanesOf(connection);
      const time = upto?.getTime() ?? 0;
      lanes.upto.set(lane, time);
      move(lanes);
      await wait(lanes, () => Math.min(...lanes.upto.values()) < time);
    },
    leave(connection, lane) {
      const lanes = lanesOf(connection);
      lanes.upto.delete(lane);
      move(lanes);
      if (lanes.upto.size === 0) connections.delete(connection);
    },
  };
}

/** Resolves when a cursor has moved, or after `ms` milliseconds. */
function nextMove(lanes: Lanes, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(wake, ms);
    function wake(): void {
      clearTimeout(timer);
      lanes.waiting.delete(wake);
      resolve();
    }
    lanes.waiting.add(wake);
  });
}
