import { sleep } from '@loopwell/kit';
import type { Database } from '@loopwell/store';
import type { DrippingServer } from './drip.ts';

/** The EHR and the partner that are well. */
export const good = 'good';

/**
 * One door: how many of the dripping servers were asked there, and how long people of the good ones
 * took at most.
 */
export type DoorLine = {
  door: string;
  askedOf: number;
  drippers: number;
  through: number;
  people: number;
  longestSeconds: number;
};
export type DripReport = {
  doors: DoorLine[];
  closeSeconds: number;
  rssMegabytes: number;
  longestRequest: number;
};

export const seconds = (since: number, now = Date.now()) => Math.round((now - since) / 100) / 10;

/** The table that is printed and kept. */
export function tableOf({ doors, closeSeconds, rssMegabytes, longestRequest }: DripReport): string {
  const rows = doors.map(
    (line) =>
      `${line.door.padEnd(12)} asked of ${String(line.askedOf).padStart(2)} of ${String(line.drippers).padEnd(2)} that drip   ${String(line.through).padStart(3)} of ${String(line.people).padEnd(3)} through   longest ${line.longestSeconds.toFixed(1)} s`,
  );
  return [
    ...rows,
    `oldest request ${longestRequest.toFixed(1)} s, stopped in ${closeSeconds.toFixed(1)} s, ${rssMegabytes} MB`,
  ].join('\n');
}

type Watched = {
  db: Database;
  followed: readonly DrippingServer[];
  sentTo: readonly DrippingServer[];
  ehrs: readonly DrippingServer[];
  writers: readonly DrippingServer[];
  people: (from: number, count: number) => Promise<string[]>;
  /** Number of the first person who comes. */
  first: number;
  durationMs: number;
  personEveryMs: number;
};

type Seen = { put: number; pull?: number; refer?: number; track?: number; 'write-back'?: number };
const doorsOf = ['pull', 'refer', 'track', 'write-back'] as const;

/** One person after the other comes to the good EHR; each has to be through every door. */
export async function watchPeople(watched: Watched): Promise<DoorLine[]> {
  const seen = new Map<string, Seen>();
  const ends = Date.now() + watched.durationMs;
  let next = watched.first;
  let nextAt = Date.now();
  const wasAsked = (line: DoorLine) =>
    line.askedOf === line.drippers && line.through === line.people;
  const isThrough = () => doorsOf.every((door) => wasAsked(lineOf(door, watched, seen)));
  while (Date.now() < ends || !isThrough()) {
    if (Date.now() > ends + 90_000) break;
    if (Date.now() >= nextAt && Date.now() < ends) {
      for (const id of await watched.people(next, 1)) seen.set(id, { put: Date.now() });
      next += 1;
      nextAt += watched.personEveryMs;
    }
    await look(watched.db, seen);
    await sleep(200);
  }
  return doorsOf.map((door) => lineOf(door, watched, seen));
}

async function look(db: Database, seen: Map<string, Seen>): Promise<void> {
  const { rows } = await db.query<{
    id: string;
    sent: boolean | null;
    followed: boolean | null;
    written: boolean | null;
  }>(
    `select p.source_id as id, bool_or(d.remote_id is not null) as sent, bool_or(t.status = 'completed') as followed,
        (select bool_or(c.state = 'done') from write_back c where c.person = p.person) as written
       from ehr_resource p left join task t on t.person = p.person
       left join task_delivery d on d.task = t.id
      where p.type = 'Patient' and p.connection = $1 and p.source_id = any($2) group by p.source_id, p.person`,
    [good, [...seen.keys()]],
  );
  const now = Date.now();
  for (const { id, sent, followed, written } of rows) {
    const person = seen.get(id);
    if (!person) continue;
    person.pull ??= now;
    if (sent) person.refer ??= now;
    if (followed) person.track ??= now;
    if (written) person['write-back'] ??= now;
  }
}

/** What a door asks of a server. */
const askedBy = {
  pull: (line: string) => line.startsWith('GET') && !line.endsWith(' Task'),
  refer: (line: string) => line === 'POST Task',
  track: (line: string) => line === 'GET Task',
  'write-back': (line: string) => line.startsWith('POST') && !line.endsWith(' Task'),
} as const;

function lineOf(
  door: (typeof doorsOf)[number],
  watched: Watched,
  seen: ReadonlyMap<string, Seen>,
): DoorLine {
  const servers = {
    pull: watched.ehrs,
    refer: watched.sentTo,
    track: watched.followed,
    'write-back': watched.writers,
  }[door];
  const asked = servers.filter((one) => one.asked.some(askedBy[door]));
  const times = [...seen.values()].flatMap((person) => {
    const at = person[door];
    return at === undefined ? [] : [seconds(person.put, at)];
  });
  return {
    door,
    askedOf: asked.length,
    drippers: servers.length,
    through: times.length,
    people: seen.size,
    longestSeconds: Math.max(0, ...times),
  };
}
