import { AppError, errorRecord } from '@loopwell/kit';
import { type AroundPage, type Bad, type Hole, holePage } from './holes.ts';
import type { PullWindow, WindowClient, WindowPage } from './ports.ts';

export type AroundDeps = {
  /** Reads a window with a client; `pullWindow`, in the end. */
  walk: (client: WindowClient, window: PullWindow) => AsyncIterable<WindowPage>;
  client: WindowClient;
  /**
   * Patients that are known, to find out whose record it is; `all` when no others are still to be
   * read.
   */
  patients: () => Promise<{ ids: readonly string[]; all: boolean }>;
  /** Holes of earlier windows of this type and patient. */
  holes: readonly Hole[];
  /** Whether a hole is to be asked for again now. */
  isDue: (hole: Hole) => boolean;
  /** A server error that names nothing has come before: it may be a record, too. */
  suspect?: boolean;
};

/** Requests that finding the bad part of one window may take. */
export const budget = 150;
/** So many patients are asked for one by one; more in lists, which are halved. */
const oneByOne = 40;
/** Nothing of this kind is older. */
const earliest = Date.parse('1990-01-01T00:00:00Z');

/**
 * Whether it is known whose the bad records of a stretch are, with all others read; or Patients
 * have to be read first.
 */
export type Whose = 'known' | 'open' | 'unread';

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

/** Asks once where it fails: asking again would only find the same record. */
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
 * Reads what can be read of a window; its pages move no cursor, since other parts of it are still
 * to come.
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

/** The server does not divide by time: every half of every half fails. */
class Undivided extends Error {}

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
   * @param both how many times in a row both halves failed; `isWhole` while they did so from the
   *   start
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
   * As small as time makes it: whose record it is, if that can be found out. Where patients may be
   * missing among those who were asked for, the stretch stays open: what others have in it was not
   * read.
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

  /**
   * Lists of patients, halved. Where no half fails the server takes no lists, and nothing is known.
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

function byPatient(error: unknown): AppError {
  const { code, message, facts } = errorRecord(error);
  return new AppError(code, message, {
    retryable: false,
    facts: { ...facts, byPatient: true },
    cause: error,
  });
}
