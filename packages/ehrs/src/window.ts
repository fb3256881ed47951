import type { fhir4 } from '@loopwell/fhir';
import type { FhirClient, SearchPage } from '@loopwell/fhir/client';
import { AppError } from '@loopwell/kit';
import type { EhrQuirks } from './quirks.ts';

export type PullWindow = { type: string; from: Date | undefined; to: Date; patient?: string };

export type WindowPage = {
  resources: readonly fhir4.Resource[];
  invalid: readonly { reason: string; entry: unknown }[];
  nextUrl?: string;
  /** Newest `_lastUpdated` up to which all has been seen; only told where the server sorts. */
  newest?: Date;
};

/** More rows with one and the same `_lastUpdated` than this make a page that cannot be passed by its time. */
const maxPages = 100_000;

/**
 * Reads a closed window (`_lastUpdated` ge from, lt to) in order of `_lastUpdated`, page after page.
 *
 * Paging survives rows moving under it: a server that pages by offset shifts its pages when rows are written meanwhile,
 * so that after the last page the window is asked again from the newest time seen, until that shows nothing new. Every
 * row may come twice; the store knows versions that it has. A next link that repeats, or that leads elsewhere, is an
 * error (checked by the client).
 */
export async function* pullWindow(client: FhirClient, quirks: EhrQuirks, window: PullWindow): AsyncIterable<WindowPage> {
  const seen = new Map<string, string>();
  let from = window.from;
  for (let round = 0; round < maxPages; round += 1) {
    let fresh = 0;
    let newest = from;
    let sorted = true;
    for await (const page of pagesOf(client, quirks, { ...window, from })) {
      const inside = page.resources.filter((one) => isInside(one, window));
      fresh += inside.filter((one) => isNew(one, seen)).length;
      for (const time of inside.map(timeOf)) {
        if (time && newest && time < newest) sorted = false;
        if (time && (!newest || time > newest)) newest = time;
      }
      const told = sorted && !quirks.unsorted && newest ? { newest } : {};
      yield { resources: inside, invalid: page.invalid, ...(page.nextUrl ? { nextUrl: page.nextUrl } : {}), ...told };
    }
    forgetOld(seen);
    if (fresh === 0 || newest === undefined) return;
    from = newest;
  }
}

async function* pagesOf(client: FhirClient, quirks: EhrQuirks, window: PullWindow): AsyncIterable<SearchPage> {
  const visited = new Set<string>();
  let page = await client.search(window.type, parametersOf(quirks, window));
  yield page;
  while (page.nextUrl !== undefined) {
    if (visited.has(page.nextUrl)) throw new AppError('REMOTE_INVALID', 'A next link repeats', { facts: { type: window.type } });
    visited.add(page.nextUrl);
    page = await client.page(page.nextUrl);
    yield page;
  }
}

function parametersOf(quirks: EhrQuirks, { type, from, to, patient }: PullWindow): Record<string, string | string[]> {
  const bounds = [...(from ? [`ge${from.toISOString()}`] : []), `lt${to.toISOString()}`];
  const whose = patient === undefined ? {} : type === 'Patient' ? { _id: patient } : { patient };
  return { ...quirks.search?.[type], ...whose, _lastUpdated: bounds, _sort: '_lastUpdated', _count: String(quirks.pageSize) };
}

function timeOf(resource: fhir4.Resource): Date | undefined {
  const time = Date.parse(resource.meta?.lastUpdated ?? '');
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** A server that ignored the window's end must not make it endless. */
function isInside(resource: fhir4.Resource, window: PullWindow): boolean {
  const time = timeOf(resource);
  return time === undefined || time < window.to;
}

function isNew(resource: fhir4.Resource, seen: Map<string, string>): boolean {
  const key = (resource as { id?: string }).id ?? '';
  const version = `${resource.meta?.versionId ?? ''} ${resource.meta?.lastUpdated ?? ''}`;
  if (seen.get(key) === version) return false;
  seen.set(key, version);
  return true;
}

/** Memory stays bounded: only the rows around the newest time can come again. */
function forgetOld(seen: Map<string, string>): void {
  const surplus = seen.size - 5_000;
  for (const key of [...seen.keys()].slice(0, Math.max(0, surplus))) seen.delete(key);
}
