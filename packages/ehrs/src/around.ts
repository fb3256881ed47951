import { withoutUndefined } from '@loopwell/fhir';
import { AppError, errorRecord, fingerprint } from '@loopwell/kit';
import type { PullWindow, WindowClient, WindowPage } from './window.ts';

/**
 * A part of what an EHR has that it cannot show, because a record there lacks something: a stretch of `_lastUpdated`, of one
 * patient where that is known. Without `to` it has no end: whatever comes there cannot be shown either.
 * `patientsUnread`: it was left open while Patients were still being read.
 */
export type Hole = {
  id: string;
  type: string;
  from?: string;
  to?: string;
  patient?: string;
  patientsUnread?: boolean;
  element?: string;
  says?: string;
};

export type AroundPage = Omit<WindowPage, 'invalid'> & {
  invalid: readonly (WindowPage['invalid'][number] & {
    facts?: Readonly<Record<string, string>>;
  })[];
  /** Ids of holes that the EHR can show now. */
  filled?: readonly string[];
};

export type AroundDeps = {
  /** Reads a window with a client; `pullWindow`, in the end. */
  walk: (client: WindowClient, window: PullWindow) => AsyncIterable<WindowPage>;
  client: WindowClient;
  /** Patients that are known, to find out whose record it is; `all` when no others are still to be read. */
  patients: () => Promise<{ ids: readonly string[]; all: boolean }>;
  /** Holes of earlier windows of this type and patient. */
  holes: readonly Hole[];
  /** Whether a hole is to be asked for again now. */
  isDue: (hole: Hole) => boolean;
  /** A server error that names nothing has come before: it may be a record, too. */
  suspect?: boolean;
};

export const holeReason = 'ehr-cannot-show';

/** Requests that finding the bad part of one window may take. */
const budget = 150;
/** So many patients are asked for one by one; more in lists, which are halved. */
const oneByOne = 40;
/** Nothing of this kind is older. */
const earliest = Date.parse('1990-01-01T00:00:00Z');

/**
 * Reads a window although a record in it makes the whole answer an error: the window is halved, by time and then by patient,
 * until the bad part is as small as it gets. All else is read; the hole is quarantined with the element that the server named,
 * left out of later windows, and asked for again now and then.
 *
 * @throws AppError REMOTE_INVALID with the fact `byPatient` where the server does not divide by time: patients are asked for
 *   one by one then
 */
export async function* readAround(
  deps: AroundDeps,
  window: PullWindow,
): AsyncGenerator<AroundPage, void> {
  const windowHoles = deps.holes.filter(
    (one) => one.type === window.type && one.patient === window.patient,
  );
  const others = deps.holes.filter(
    (one) => one.type === window.type && !windowHoles.includes(one) && window.patient === undefined,
  );
  const holes = [...windowHoles, ...others];
  for (const hole of holes.filter(deps.isDue)) yield* fill(deps, hole, window);
  for (const part of partsBetween(window, holes)) yield* readPart(deps, part);
}

/** Asks for a hole again: a record that was mended there, or went away, is no hole any more. */
async function* fill(
  deps: AroundDeps,
  hole: Hole,
  window: PullWindow,
): AsyncGenerator<AroundPage, void> {
  const from = hole.from === undefined ? undefined : new Date(hole.from);
  const to = hole.to === undefined ? window.to : new Date(hole.to);
  const patient = hole.patient ?? window.patient;
  const bad = yield* attempt(deps, counted(deps.client, { left: budget }), {
    type: hole.type,
    from,
    to,
    bounded: hole.to !== undefined,
    ...withoutUndefined({ patient: patient || undefined }),
  });
  if (!bad) return yield { resources: [], invalid: [], filled: [hole.id] };
  // Patients that have become known since: one of them may be whose it is.
  if (patient === undefined && hole.type !== 'Patient')
    yield* whoseHole(deps, hole, { ...bad, window: { ...bad.window, from, to } });
}

/** The hole ends once it is known whose it is, and everybody else of that stretch was asked for. */
async function* whoseHole(
  deps: AroundDeps,
  hole: Hole,
  bad: Bad,
): AsyncGenerator<AroundPage, void> {
  const left = { left: budget };
  const whose = yield* new Division(deps, counted(deps.client, left), left).whose(bad);
  if (whose === 'known') yield { resources: [], invalid: [], filled: [hole.id] };
  else if (hole.patientsUnread && whose === 'open') yield holePage(bad);
}

/** What lies between the holes, in order of time. */
function partsBetween(window: PullWindow, holes: readonly Hole[]): PullWindow[] {
  const startOf = (hole: Hole) =>
    hole.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(hole.from);
  const parts: PullWindow[] = [];
  let from: Date | undefined = window.from;
  for (const hole of [...holes].sort((a, b) => startOf(a) - startOf(b))) {
    const [begins, ends] = [
      startOf(hole),
      hole.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(hole.to),
    ];
    if (begins >= window.to.getTime() || ends <= (from?.getTime() ?? Number.NEGATIVE_INFINITY))
      continue;
    if (begins > (from?.getTime() ?? Number.NEGATIVE_INFINITY))
      parts.push({ ...window, from, to: new Date(begins), bounded: true });
    if (ends >= window.to.getTime()) return parts;
    from = new Date(ends);
  }
  // What was left before was counted over the whole rest.
  const { resumed, ...rest } = window;
  return [
    ...parts,
    {
      ...rest,
      from,
      ...withoutUndefined({
        resumed: resumed && from === window.from && parts.length === 0 ? resumed : undefined,
      }),
    },
  ];
}

type Bad = { window: PullWindow; error: unknown };

/** Whether it is known whose the bad records of a stretch are, with all others read; or Patients have to be read first. */
type Whose = 'known' | 'open' | 'unread';

async function* readPart(deps: AroundDeps, window: PullWindow): AsyncGenerator<AroundPage, void> {
  let { from } = window;
  try {
    for await (const page of deps.walk(deps.client, window)) {
      if (page.newest && (from === undefined || page.newest > from)) from = page.newest;
      yield page;
    }
  } catch (error) {
    if (!isBad(deps, error)) throw error;
    const left = { left: budget };
    yield* new Division(deps, counted(deps.client, left), left).of({
      window: { ...window, from },
      error,
    });
  }
}

function isBad({ suspect = false }: AroundDeps, error: unknown): boolean {
  const { facts } = errorRecord(error);
  if (facts.badRecord === true) return true;
  return (
    suspect &&
    facts.status === 500 &&
    facts.lockedOut !== true &&
    (facts.interaction === 'search' || facts.interaction === 'page')
  );
}

/** Asks once where it fails: asking again would only find the same record. */
function counted(client: WindowClient, left: { left: number }): WindowClient {
  return {
    ...client,
    search: (type, parameters) => {
      left.left -= 1;
      return client.search(type, parameters, { once: true });
    },
    page: (url) => client.page(url, { once: true }),
  };
}

/** Reads what can be read of a window; its pages move no cursor, since other parts of it are still to come. */
async function* attempt(
  deps: AroundDeps,
  client: WindowClient,
  window: PullWindow,
): AsyncGenerator<AroundPage, Bad | undefined> {
  let { from } = window;
  try {
    for await (const { newest, nextUrl: _next, ...page } of deps.walk(client, window)) {
      if (newest && (from === undefined || newest > from)) from = newest;
      if (page.resources.length + page.invalid.length + (page.ofOthers?.length ?? 0) > 0)
        yield page;
    }
    return undefined;
  } catch (error) {
    if (!isBad(deps, error)) throw error;
    return { window: { ...window, from }, error };
  }
}

/** The server does not divide by time: every half of every half fails. */
class Undivided extends Error {}

class Division {
  readonly #deps: AroundDeps;
  readonly #client: WindowClient;
  readonly #budget: { left: number };
  #isCut = false;

  constructor(deps: AroundDeps, client: WindowClient, left: { left: number }) {
    this.#deps = deps;
    this.#client = client;
    this.#budget = left;
  }

  async *of(bad: Bad): AsyncGenerator<AroundPage, void> {
    try {
      yield* this.#halve(bad, 0, true);
    } catch (error) {
      if (!(error instanceof Undivided)) throw error;
      const { facts } = errorRecord(bad.error);
      if (facts.badRecord !== true) throw bad.error;
      if (bad.window.patient !== undefined)
        yield holePage(bad, bad.window.patient, { isOpen: true });
      else throw byPatient(bad.error);
    }
  }

  /** @param both how many times in a row both halves failed; `isWhole` while they did so from the start */
  async *#halve(bad: Bad, both: number, isWhole: boolean): AsyncGenerator<AroundPage, void> {
    const halves = halvesOf(bad.window);
    if (halves === undefined || this.#budget.left < 2) return yield* this.#smallest(bad);
    const failed: Bad[] = [];
    for (const half of halves) {
      const failure = yield* attempt(this.#deps, this.#client, half);
      if (failure) failed.push(failure);
    }
    const again = failed.length === 2 ? both + 1 : 0;
    if (again >= 2 && isWhole) throw new Undivided();
    for (const failure of failed)
      yield* this.#halve(failure, again, isWhole && failed.length === 2);
  }

  /**
   * As small as time makes it: whose record it is, if that can be found out. Where patients may be missing among those who were
   * asked for, the stretch stays open: what others have in it was not read.
   */
  async *#smallest(bad: Bad): AsyncGenerator<AroundPage, void> {
    if (bad.window.patient !== undefined || bad.window.type === 'Patient')
      return yield holePage(bad);
    const whose: Whose = yield* this.whose(bad);
    if (whose !== 'known') yield holePage(bad, undefined, { patientsUnread: whose === 'unread' });
  }

  /** One hole for each patient whose record it is. */
  async *whose(bad: Bad): AsyncGenerator<AroundPage, Whose> {
    const { ids, all } = await this.#deps.patients();
    this.#isCut = false;
    const patientIds: string[] =
      ids.length <= oneByOne ? yield* this.#each(bad, ids) : yield* this.#lists(bad, ids);
    for (const patient of patientIds) yield holePage(bad, patient);
    if (!all) return 'unread';
    return patientIds.length > 0 && !this.#isCut ? 'known' : 'open';
  }

  async *#each({ window }: Bad, patients: readonly string[]): AsyncGenerator<AroundPage, string[]> {
    const ids: string[] = [];
    for (const patient of patients) {
      if (this.#isSpent(1)) break;
      if (yield* attempt(this.#deps, this.#client, { ...window, patient, bounded: true }))
        ids.push(patient);
    }
    return ids;
  }

  /** Whether patients are left out, since the search has cost what it may. */
  #isSpent(needed: number): boolean {
    const isSpent = this.#budget.left < needed;
    this.#isCut ||= isSpent;
    return isSpent;
  }

  /** Lists of patients, halved. Where no half fails the server takes no lists, and nothing is known. */
  async *#lists(bad: Bad, patients: readonly string[]): AsyncGenerator<AroundPage, string[]> {
    if (this.#isSpent(2)) return [];
    const middle = Math.ceil(patients.length / 2);
    const ids: string[] = [];
    for (const half of [patients.slice(0, middle), patients.slice(middle)]) {
      if (half.length === 0) continue;
      const failed = yield* attempt(this.#deps, this.#client, {
        ...bad.window,
        patient: half.join(','),
        bounded: true,
      });
      if (!failed) continue;
      if (half.length === 1) ids.push(...half);
      else ids.push(...(yield* this.#lists(bad, half)));
    }
    return ids;
  }
}

/** Two halves, to the millisecond. */
function halvesOf({ from, to, ...window }: PullWindow): [PullWindow, PullWindow] | undefined {
  const begins = from?.getTime() ?? Math.min(earliest, to.getTime() - 2);
  const middle = Math.floor((begins + to.getTime()) / 2);
  if (middle <= begins || middle >= to.getTime()) return undefined;
  return [
    { ...window, from, to: new Date(middle), bounded: true },
    { ...window, from: new Date(middle), to },
  ];
}

/** @param more `isOpen`: the patient's whole type cannot be shown, now and later */
function holePage(
  { window, error }: Bad,
  patient = window.patient,
  more: { isOpen?: boolean; patientsUnread?: boolean } = {},
): AroundPage {
  const { isOpen = false, patientsUnread = false } = more;
  const { facts } = errorRecord(error);
  const from = window.from?.toISOString();
  const to = isOpen ? undefined : window.to.toISOString();
  const names = [window.type, patient ?? '', ...(isOpen ? [] : [from ?? '', to ?? ''])];
  const hole: Hole = {
    id: `hole-${fingerprint(names.join(' ')).slice(0, 12)}`,
    type: window.type,
    ...withoutUndefined({
      from,
      to,
      patient,
      patientsUnread: patientsUnread || undefined,
      element: typeof facts.element === 'string' ? facts.element : undefined,
      says: typeof facts.says === 'string' ? facts.says : undefined,
    }),
  };
  const { id: _id, type: _type, patientsUnread: _unread, ...holeFacts } = hole;
  return { resources: [], invalid: [{ reason: holeReason, entry: hole, facts: holeFacts }] };
}

function byPatient(error: unknown): AppError {
  const { code, message, facts } = errorRecord(error);
  return new AppError(code, message, {
    retryable: false,
    facts: { ...facts, byPatient: true },
    cause: error,
  });
}
