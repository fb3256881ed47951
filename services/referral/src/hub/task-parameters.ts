import { isFhirId } from '@loopwell/fhir';
import { RequestProblems } from '@loopwell/http';

/** What a partner asks of its Tasks, as our search takes it. */
export type TaskQuery = {
  owners?: readonly string[];
  statuses?: readonly string[];
  ids?: readonly string[];
  from?: Date;
  before?: Date;
  after?: { at: Date; id: string };
  count: number;
  /** The parameters that were understood, as the self link names them. */
  understood: [string, string][];
};

const [usualCount, greatestCount] = [50, 200];
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Reads the parameters of a search for Tasks. A parameter that we do not know is left out, or
 * refused where the partner asks for strict handling.
 *
 * @throws RequestProblems 400 with the name of the parameter
 */
export function readTaskQuery(parameters: URLSearchParams, isStrict: boolean): TaskQuery {
  const query: TaskQuery = {
    count: usualCount,
    understood: [],
  };
  for (const [name, text] of parameters) {
    const read = readers.get(name);
    if (read === undefined) {
      if (isStrict || isRelied(name)) throw wrong(name, 'not-supported');
      continue;
    }
    if (!read(query, text)) throw wrong(name, 'form');
    query.understood.push([name, text]);
  }
  return query;
}

/** Parameters that are not served yet. */
const refused = ['patient', 'requester'];

/**
 * Tells whether a partner would rely on a parameter that is not served. A modifier or a chain
 * (`status:not`, `owner.name`) changes what a parameter means, so it is never left out.
 */
function isRelied(name: string): boolean {
  const [plain = ''] = name.split(/[:.]/);
  return refused.includes(plain) || readers.has(plain);
}

const wrong = (name: string, rule: string) =>
  new RequestProblems('This search parameter is not taken', [{ path: `/query/${name}`, rule }]);

/** Reads one parameter into a query; false when it cannot be read. */
type Reader = (query: TaskQuery, text: string) => boolean;

const readerOf: Readonly<Record<string, Reader>> = {
  owner: (query, text) => {
    const owners = text.split(',').map((owner) => owner.replace(/^.*Organization\//, ''));
    query.owners = owners;
    return owners.every(isFhirId);
  },
  status: (query, text) => {
    const statuses = text.split(',').map((status) => status.replace(/^.*\|/, ''));
    query.statuses = statuses;
    return statuses.every((status) => /^[a-z-]{1,40}$/.test(status));
  },
  _id: (query, text) => {
    const ids = text.split(',');
    // An id that is none of ours finds nothing.
    query.ids = ids.filter((id) => uuid.test(id));
    return ids.every(isFhirId);
  },
  _lastUpdated: readUpdated,
  _count: (query, text) => {
    const count = Number(text);
    if (!/^[0-9]{1,9}$/.test(text) || count < 1) return false;
    query.count = Math.min(count, greatestCount);
    return true;
  },
  _sort: (_query, text) => text === '-_lastUpdated',
  _after: (query, text) => {
    const [at = '', id = ''] = text.split('_');
    const isCursor = /^[0-9]{1,15}$/.test(at) && uuid.test(id);
    if (isCursor)
      query.after = {
        at: new Date(Number(at)),
        id,
      };
    return isCursor;
  },
};

const readers = new Map(Object.entries(readerOf));

const instant = /^(ge|gt|le|lt|eq)?([0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]+(?:Z|[+-][0-9:]{5}))?)$/;

/** Reads a bound of the time of the last change. A day means its first moment in UTC. */
function readUpdated(query: TaskQuery, text: string): boolean {
  const [, prefix = 'eq', written = ''] = instant.exec(text) ?? [];
  const at = new Date(written);
  if (Number.isNaN(at.getTime())) return false;
  const length = lengthOf(written);
  const end = new Date(at.getTime() + length);
  if (prefix === 'ge' || prefix === 'eq') query.from = later(query.from, at);
  if (prefix === 'gt') query.from = later(query.from, end);
  if (prefix === 'lt') query.before = earlier(query.before, at);
  if (prefix === 'le' || prefix === 'eq') query.before = earlier(query.before, end);
  return true;
}

/** Gives how long a written time lasts: a day, a second or a millisecond. */
function lengthOf(written: string): number {
  if (!written.includes('T')) return 86_400_000;
  return written.includes('.') ? 1 : 1_000;
}

const later = (a: Date | undefined, b: Date) => (a && a > b ? a : b);
const earlier = (a: Date | undefined, b: Date) => (a && a < b ? a : b);
