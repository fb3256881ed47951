import {
  type AroundPage,
  type Hole,
  holeReason,
  type PullWindow,
  readAround,
  type WindowClient,
  type WindowPage,
} from '@loopwell/ehrs';
import type { Clock } from '@loopwell/kit';
import { type Database, pullCursors, quarantinedBodies } from '@loopwell/store';

/** How long what an EHR cannot show is left before it is asked for again. DECISIONS D103. */
const askAgainMs = 3_600_000;

/** How many are known; `all` when no others are still to be read. */
type Patients = { count: number; all: boolean };

const areMorePatients = (now: Patients, before: Patients): boolean =>
  now.count > before.count || (now.all && !before.all);

export type Around = {
  /** Pages of a window, around what the EHR cannot show. */
  pages: (
    connection: string,
    client: WindowClient,
    window: PullWindow & { suspect?: boolean },
    walk: (client: WindowClient, window: PullWindow) => AsyncIterable<WindowPage>,
  ) => AsyncIterable<AroundPage>;
};

/**
 * What an EHR cannot show is quarantined, and left out of what is asked for. A process asks for it
 * again when it starts, and then once an hour, and where nobody knows whose it is, when more
 * Patients are known.
 */
export function createAround(db: Database, clock: Clock): Around {
  const asked = new Map<string, { at: number; patients: Patients }>();
  return {
    async *pages(connection, client, { suspect = false, ...window }, walk) {
      const key = (id: string) => `${connection}/${id}`;
      const now = () => clock.now().getTime();
      const holes = (await quarantinedBodies(db, connection, window.type, holeReason)).map(
        (body) => JSON.parse(body) as Hole,
      );
      // In this order: whoever is read between the two questions is known, or said to be still
      // missing.
      const patients = () =>
        db.tx(async (tx) => {
          const all = await pullCursors.arePatientsRead(tx, connection);
          return { ids: await pullCursors.knownPatients(tx, connection), all };
        });
      const { ids, all } = holes.some((one) => one.patient === undefined)
        ? await patients()
        : { ids: [], all: false };
      const patientsNow = { count: ids.length, all };
      const isDue = ({ id, patient }: Hole) => {
        const last = asked.get(key(id));
        // One of those who have become known since may be whose it is, or have something else in
        // it.
        const areMore =
          patient === undefined &&
          last !== undefined &&
          areMorePatients(patientsNow, last.patients);
        if (last !== undefined && now() - last.at < askAgainMs && !areMore) return false;
        asked.set(key(id), { at: now(), patients: patientsNow });
        return true;
      };
      for await (const page of readAround(
        { walk, client, patients, holes, isDue, suspect },
        window,
      )) {
        for (const { reason, entry } of page.invalid)
          if (reason === holeReason)
            asked.set(key((entry as Hole).id), { at: now(), patients: patientsNow });
        yield page;
      }
    },
  };
}
