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

/** Milliseconds before a record that an EHR cannot show is asked for again. DECISIONS D103. */
const askAgainMs = 3_600_000;

/** The number of known patients. `all` says that no others are still to be read. */
type Patients = { count: number; all: boolean };

const areMorePatients = (now: Patients, before: Patients): boolean =>
  now.count > before.count || (now.all && !before.all);

export type Around = {
  /** Yields the pages of a window, around the records that the EHR cannot show. */
  pages: (
    connection: string,
    client: WindowClient,
    window: PullWindow & { suspect?: boolean },
    walk: (client: WindowClient, window: PullWindow) => AsyncIterable<WindowPage>,
  ) => AsyncIterable<AroundPage>;
};

/**
 * Creates the reading around records that an EHR cannot show: they are quarantined and left out of
 * the requests. A process asks for each again when it starts, then once an hour, and, when its
 * patient is unknown, when more Patients are known.
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
      // The order of the two queries matters: a patient read between them is known, or is reported
      // as still missing.
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
        // The record may belong to one of the patients who have become known since, or may have
        // changed.
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
        for (const { reason, entry: hole } of page.invalid)
          if (reason === holeReason)
            asked.set(key((hole as Hole).id), { at: now(), patients: patientsNow });
        yield page;
      }
    },
  };
}
