/** Keeps the lanes of one connection that are read at the same time abreast by `_lastUpdated`. */
export type Pace = {
  enter: (connection: string, lane: string) => void;
  /**
   * Notes how far a lane has been read, and waits while another lane of the connection is behind,
   * but not for long.
   */
  keep: (connection: string, lane: string, upto: Date | null) => Promise<void>;
  leave: (connection: string, lane: string) => void;
};

type Lanes = { upto: Map<string, number>; waiting: Set<() => void> };

/**
 * A person's Patient, Encounter and answers lie on pages of several lanes. Lanes that keep abreast
 * bring them within moments of each other, so that each person is coded once and not once for each
 * type. It is a courtesy and no lock: the lane that is furthest behind never waits, and a lane that
 * stands still holds up a page of the others by `longestMs`.
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

/** Resolves when a lane has moved, or after a while. */
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
