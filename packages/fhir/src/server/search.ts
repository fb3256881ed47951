import type { Stored } from './resource-store.ts';

export type SearchRequest = { type: string; parameters: URLSearchParams; base: string };

/** Search parameters that are references, and the elements that each looks in. */
const references: Readonly<Record<string, readonly string[]>> = {
  patient: ['subject', 'patient', 'for'],
  subject: ['subject', 'patient', 'for'],
  encounter: ['encounter'],
  focus: ['focus'],
  'based-on': ['basedOn'],
  target: ['target'],
};
const tokens: Readonly<Record<string, readonly string[]>> = {
  category: ['category'],
  code: ['code'],
  status: ['status'],
  identifier: ['identifier'],
};
/**
 * Parameters that the fake server applies. Others are ignored and left out of the self link, as R4
 * allows.
 */
const applied = new Set([
  '_id',
  '_lastUpdated',
  '_count',
  '_sort',
  '_offset',
  ...Object.keys(references),
  ...Object.keys(tokens),
]);

type Coded =
  | { coding?: { system?: string; code?: string }[]; system?: string; value?: string }
  | string;

/** Tells whether a resource matches all parameters of a search. */
export function matches(resource: Stored, parameters: URLSearchParams): boolean {
  return [...parameters].every(([name, text]) =>
    matchesOne(resource, name.split(':')[0] ?? '', text),
  );
}

function matchesOne(resource: Stored, name: string, text: string): boolean {
  const wanted = text.split(',');
  if (name === '_id') return wanted.includes(resource.id);
  if (name === '_lastUpdated') return wanted.every((one) => inTime(resource.meta.lastUpdated, one));
  if (references[name])
    return references[name].some((field) => refers(resource[field], name, wanted));
  if (tokens[name])
    return tokens[name].some((field) => wanted.some((one) => hasToken(resource[field], one)));
  return true;
}

function inTime(lastUpdated: string, bound: string): boolean {
  const [time, at] = [Date.parse(lastUpdated), Date.parse(bound.replace(/^(ge|gt|le|lt|eq)/, ''))];
  if (bound.startsWith('ge')) return time >= at;
  if (bound.startsWith('gt')) return time > at;
  if (bound.startsWith('le')) return time <= at;
  if (bound.startsWith('lt')) return time < at;
  return time === at;
}

function refers(field: unknown, name: string, wanted: readonly string[]): boolean {
  const written = [field]
    .flat()
    .flatMap(
      (one) => ((one as { reference?: string } | undefined)?.reference ?? []) as string | string[],
    );
  return written.flat().some((reference) =>
    wanted.some((target) => {
      if (reference === target || reference.endsWith(`/${target}`)) return true;
      return (
        name === 'patient' &&
        !target.includes('/') &&
        (reference === `Patient/${target}` || reference.endsWith(`/Patient/${target}`))
      );
    }),
  );
}

function hasToken(field: unknown, wanted: string): boolean {
  const [system, code] = wanted.includes('|')
    ? (wanted.split('|') as [string, string])
    : [undefined, wanted];
  return ([field].flat() as (Coded | undefined)[]).some((coded) => {
    if (typeof coded === 'string') return coded === code;
    const pairs =
      coded?.coding ??
      (coded?.value === undefined ? [] : [{ system: coded.system ?? '', code: coded.value }]);
    return pairs.some(
      (pair) => pair.code === code && (system === undefined || pair.system === system),
    );
  });
}

/**
 * Remembers results by the very list that they were found in: the pages of one search are found
 * once, until something is written.
 */
const remembered = new WeakMap<readonly Stored[], Map<string, readonly Stored[]>>();

function foundIn(all: readonly Stored[], parameters: URLSearchParams): readonly Stored[] {
  const what = new URLSearchParams(
    [...parameters].filter(([name]) => name !== '_offset' && name !== '_count'),
  );
  const searches = remembered.get(all) ?? new Map<string, readonly Stored[]>();
  remembered.set(all, searches);
  const matching = searches.get(what.toString()) ?? all.filter((one) => matches(one, what));
  if (searches.size < 16) searches.set(what.toString(), matching);
  return matching;
}

/**
 * Builds one page, by offset over the order of `_lastUpdated`: rows that move shift the pages, as
 * on real servers.
 */
export function searchPage(all: readonly Stored[], request: SearchRequest): object {
  const { parameters, base, type } = request;
  const count = Math.min(1_000, Math.max(1, Number(parameters.get('_count') ?? 20)));
  const offset = Math.max(0, Number(parameters.get('_offset') ?? 0));
  const matching = foundIn(all, parameters);
  const page = matching.slice(offset, offset + count);
  const kept = new URLSearchParams(
    [...parameters].filter(([name]) => applied.has(name.split(':')[0] ?? '')),
  );
  const self = `${base}/${type}?${kept}`;
  kept.set('_offset', String(offset + count));
  const next =
    offset + count < matching.length ? [{ relation: 'next', url: `${base}/${type}?${kept}` }] : [];
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: matching.length,
    link: [{ relation: 'self', url: self }, ...next],
    entry: page.map((resource) => ({
      fullUrl: `${base}/${type}/${resource.id}`,
      resource,
      search: { mode: 'match' },
    })),
  };
}
