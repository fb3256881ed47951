import { AppError, errorRecord } from '@loopwell/kit';
import { type AroundPage, type Bad, type Hole, holePage } from './holes.ts';
import type { PullWindow, WindowClient, WindowPage } from './ports.ts';

export type AroundDeps = {
  /** Reads a window with a client; `pullWindow`, in the end. */
  walk: (client: WindowClient, window: PullWindow) => AsyncIterable<WindowPage>;
  client: WindowClient;
  /**
   * Gives the known patients, to find out whose a bad record is. `all`: no others are still to be
   * read.
   */
  patients: () => Promise<{ ids: readonly string[]; all: boolean }>;
  /** Holes of earlier windows of this type and patient. */
  holes: readonly Hole[];
  /** Tells whether a hole is to be asked for again now. */
  isDue: (hole: Hole) => boolean;
  /** A server error that names no record has come before. It may be about a record, too. */
  suspect?: boolean;
};

/** The number of requests that finding the bad part of one window may take. */
export const budget = 150;
/**
 * The largest number of patients that are asked for one by one. More are asked for in lists, which
 * are halved.
 */
const oneByOne = 40;
/**
 * The time that a window without a beginning is divided from. No record is expected to be older.
 */
const earliest = Date.parse('1990-01-01T00:00:00Z');

/**
 * Tells whether the patients of the bad records of a stretch are `known`, with all others read;
 * still `open`; or whether Patients have to be read first (`unread`).
 */
export type Whose = 'known' | 'open' | 'unread';

/**
 * Tells whether an error is about a bad record in the window, so that dividing the window may help.
 */
export function isBad({ suspect = false }: AroundDeps, error: unknown): boolean {
  const { facts } = errorRecord(error);
  if (facts.badRecord === true) return true;
  return (
    suspect &&
    facts.status === 500 &&
    facts.lockedOut !== true &&
    (facts.interaction === 'search' || facts.interaction === 'page')
  );
}

/**
 * Makes a client that counts its searches down in `left` and asks only once if a request fails. A
 * repeated request would only find the same record.
 */
export function counted(client: WindowClient, left: { left: number }): WindowClient {
  return {
    ...client,
    search: (type, parameters) => {
      left.left -= 1;
      return client.search(type, parameters, { once: true });
    },
    page: (url) => client.page(url, { once: true }),
  };
}

/**
 * Reads what can be read of a window, and returns the rest if a bad record stops it. The pages move
 * no cursor, because other parts of the window are still to come.
 */
export async function* attempt(
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

/** Says that the server does not divide by time: both halves fail each time. */
class Undivided extends Error {}

/**
 * Divides a window that cannot be read, by time and then by patient, and reads all but the bad
 * parts.
 */
export class Division {
  readonly #deps: AroundDeps;
  readonly #client: WindowClient;
  readonly #budget: { left: number };
  #isCut = false;

  constructor(deps: AroundDeps, client: WindowClient, left: { left: number }) {
    this.#deps = deps;
    this.#client = client;
    this.#budget = left;
  }

  /**
   * Reads a bad window in parts. If the server does not divide by time, a window of one patient
   * becomes one hole, and another window throws an error so that patients are asked for one by one.
   */
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

  /**
   * Reads both halves of a window, and divides the halves that fail.
   *
   * @param both how many times in a row both halves failed
   * @param isWhole true while they did so from the start
   */
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
   * Makes a hole of a stretch that time cannot divide further, for each patient if the patients can
   * be found. The stretch stays open if some patients were not asked for, because their rows in it
   * were not read.
   */
  async *#smallest(bad: Bad): AsyncGenerator<AroundPage, void> {
    if (bad.window.patient !== undefined || bad.window.type === 'Patient')
      return yield holePage(bad);
    const whose: Whose = yield* this.whose(bad);
    if (whose !== 'known') yield holePage(bad, undefined, { patientsUnread: whose === 'unread' });
  }

  /** Makes one hole for each patient of the stretch whose rows cannot be read. */
  async *whose(bad: Bad): AsyncGenerator<AroundPage, Whose> {
    const { ids, all } = await this.#deps.patients();
    this.#isCut = false;
    const patientIds: string[] =
      ids.length <= oneByOne ? yield* this.#each(bad, ids) : yield* this.#lists(bad, ids);
    for (const patient of patientIds) yield holePage(bad, patient);
    if (!all) return 'unread';
    return patientIds.length > 0 && !this.#isCut ? 'known' : 'open';
  }

  /** Asks for each patient alone, and returns the ids of those that fail. */
  async *#each({ window }: Bad, patients: readonly string[]): AsyncGenerator<AroundPage, string[]> {
    const ids: string[] = [];
    for (const patient of patients) {
      if (this.#isSpent(1)) break;
      if (yield* attempt(this.#deps, this.#client, { ...window, patient, bounded: true }))
        ids.push(patient);
    }
    return ids;
  }

  /** Tells whether patients are left out because the search has used its budget. */
  #isSpent(needed: number): boolean {
    const isSpent = this.#budget.left < needed;
    this.#isCut ||= isSpent;
    return isSpent;
  }

  /**
   * Asks for patients in lists, which are halved, and returns the ids of those that fail. If no
   * half fails, the server takes no lists, and nothing is known.
   */
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

/**
 * Divides a window by time into two halves, to the millisecond. Gives undefined for a window too
 * short to divide.
 */
function halvesOf({ from, to, ...window }: PullWindow): [PullWindow, PullWindow] | undefined {
  const begins = from?.getTime() ?? Math.min(earliest, to.getTime() - 2);
  const middle = Math.floor((begins + to.getTime()) / 2);
  if (middle <= begins || middle >= to.getTime()) return undefined;
  return [
    { ...window, from, to: new Date(middle), bounded: true },
    { ...window, from: new Date(middle), to },
  ];
}

/** Makes the error that says that patients have to be asked for one by one. */
function byPatient(error: unknown): AppError {
  const { code, message, facts } = errorRecord(error);
  return new AppError(code, message, {
    retryable: false,
    facts: { ...facts, byPatient: true },
    cause: error,
  });
}
