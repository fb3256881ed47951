import { AppError, type Clock, systemClock } from '@loopwell/kit';
import { Client } from 'fhir-kit-client';
import { trimBase } from '../references.ts';
import type * as fhir4 from '../types.ts';
import { createManners, type Limits, retryAfterMs } from './limits.ts';
import { networkError, type Outbound } from './outbound.ts';
import { type SearchPage, searchPageOf } from './search-page.ts';

/** Gives the bearer for one origin; `renew` after it was refused. */
export type Credentials = { bearer: () => Promise<string | undefined>; renew: () => Promise<string | undefined> };

export type FhirClientOptions = {
  base: string;
  outbound: Outbound;
  credentials?: Credentials | undefined;
  limits?: Limits;
  clock?: Clock;
};

export type Versioned<R> = { resource: R; etag?: string | undefined };

export type FhirClient = {
  base: string;
  read: <R extends fhir4.Resource>(type: string, id: string) => Promise<Versioned<R>>;
  /** One page of a search; the parameters of a GET never hold personal data. */
  search: (type: string, parameters: Readonly<Record<string, string | readonly string[]>>) => Promise<SearchPage>;
  /** A page by its address, which must lie under this base. */
  page: (url: string) => Promise<SearchPage>;
  /**
   * @param mayGo asked right before anything leaves, after all waiting for limits and tokens
   * @throws AppError CONFLICT, with nothing sent, when `mayGo` says no
   */
  create: <R extends fhir4.Resource>(resource: R, ifNoneExist?: string, mayGo?: () => boolean) => Promise<{ id: string; etag?: string | undefined; resource?: R | undefined }>;
  update: <R extends fhir4.Resource & { id?: string | undefined }>(resource: R, etag?: string) => Promise<{ etag?: string | undefined }>;
  capabilities: () => Promise<fhir4.CapabilityStatement>;
  /** The server's own clock, by its Date header. */
  serverNow: () => Promise<Date>;
};

type Answer = { status: number; headers: Headers; body: unknown };

/**
 * A FHIR R4 client for one base: fhir-kit-client for the wire, and around it what it leaves to us: addresses checked
 * before and while connecting, limits, retry, the token flow, and distrust of what comes back.
 */
export function createFhirClient(options: FhirClientOptions): FhirClient {
  const base = trimBase(options.base);
  const clock = options.clock ?? systemClock;
  const manners = createManners(options.limits ?? {});
  const origin = options.outbound.checkUrl(base).origin;
  const kit = new Client({ baseUrl: base, requestOptions: { dispatcher: options.outbound.dispatcher, redirect: 'manual' } });

  async function call(method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown, headers: Record<string, string> = {}, mayGo?: () => boolean): Promise<Answer> {
    options.outbound.checkUrl(url);
    if (new URL(url).origin !== origin) throw new AppError('ADDRESS_REFUSED', 'A request must stay with its server', { facts: { origin } });
    const bearer = await options.credentials?.bearer();
    requireGo(mayGo);
    const first = await send(kit, method, url, body, withBearer(headers, bearer), origin, clock);
    if (first.status !== 401 || !options.credentials) return first;
    const renewed = await options.credentials.renew();
    requireGo(mayGo);
    return send(kit, method, url, body, withBearer(headers, renewed), origin, clock);
  }
  const get = (url: string) => manners.repeated(async () => accept(await call('GET', url), clock));

  return {
    base,
    async read<R extends fhir4.Resource>(type: string, id: string) {
      const answer = await get(`${base}/${type}/${encodeURIComponent(id)}`);
      const resource = resourceOf<R>(answer.body, type);
      return { resource, etag: etagOf(answer, resource) };
    },
    search: async (type, parameters) => {
      const query = new URLSearchParams(Object.entries(parameters).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)])));
      const url = `${base}/${type}?${query}`;
      return searchPageOf(await get(url), { base, url });
    },
    page: async (url) => {
      if (!url.startsWith(`${base}/`) && !url.startsWith(`${base}?`)) {
        throw new AppError('REMOTE_INVALID', 'A next link leads to another host or path', { retryable: false, facts: { origin } });
      }
      return searchPageOf(await get(url), { base, url });
    },
    async create<R extends fhir4.Resource>(resource: R, ifNoneExist?: string, mayGo?: () => boolean) {
      const headers: Record<string, string> = ifNoneExist === undefined ? {} : { 'if-none-exist': ifNoneExist };
      const answer = await manners.once(async () => accept(await afterSending(() => call('POST', `${base}/${resource.resourceType}`, resource, headers, mayGo)), clock));
      const body = isResource(answer.body, resource.resourceType) ? (answer.body as R) : undefined;
      const id = idFromLocation(answer.headers.get('location'), resource.resourceType) ?? (body as { id?: string } | undefined)?.id;
      if (!id) throw new AppError('OUTCOME_UNKNOWN', 'The server took a resource and did not say where it is');
      return { id, etag: etagOf(answer, body), resource: body };
    },
    async update(resource, etag) {
      const headers: Record<string, string> = etag === undefined ? {} : { 'if-match': etag };
      const url = `${base}/${resource.resourceType}/${encodeURIComponent(resource.id ?? '')}`;
      const answer = await manners.once(async () => accept(await afterSending(() => call('PUT', url, resource, headers)), clock));
      return { etag: etagOf(answer, isResource(answer.body, resource.resourceType) ? (answer.body as fhir4.Resource) : undefined) };
    },
    capabilities: async () => resourceOf<fhir4.CapabilityStatement>((await get(`${base}/metadata`)).body, 'CapabilityStatement'),
    serverNow: async () => {
      const { headers } = await get(`${base}/metadata`);
      const said = Date.parse(headers.get('date') ?? '');
      return Number.isNaN(said) ? clock.now() : new Date(said);
    },
  };
}

function requireGo(mayGo: (() => boolean) | undefined): void {
  if (mayGo?.() === false) throw new AppError('CONFLICT', 'The work has passed to somebody else', { retryable: true, facts: { neverSent: true } });
}

const withBearer = (headers: Record<string, string>, bearer: string | undefined) =>
  bearer === undefined ? headers : { ...headers, authorization: `Bearer ${bearer}` };

type KitError = { response?: { status: number; data: unknown }; config?: { headers?: Headers } };

/** One request by fhir-kit-client; its errors carry URLs and bodies in their messages, so they are taken apart here. */
async function send(
  kit: Client,
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  body: unknown,
  headers: Record<string, string>,
  origin: string,
  clock: Clock,
): Promise<Answer> {
  try {
    const typed = body === undefined ? headers : { ...headers, 'content-type': 'application/fhir+json' };
    const result = await kit.request(url, { method, options: { headers: typed }, ...(body === undefined ? {} : { body: body as Record<string, unknown> }) });
    const response = Client.httpFor(result).response;
    return { status: response?.status ?? 200, headers: response?.headers ?? new Headers(), body: result };
  } catch (error) {
    const { response, config } = error as KitError;
    if (!response) throw networkError(error, origin);
    const answerHeaders = config?.headers instanceof Headers ? config.headers : new Headers();
    if (response.status < 300 && typeof response.data === 'string') {
      const kind = /^\s*</.test(response.data) ? 'html' : 'truncated-json';
      throw new AppError('REMOTE_INVALID', 'The server did not answer with FHIR JSON', { facts: { origin, status: response.status, kind } });
    }
    const asked = retryAfterMs(answerHeaders.get('retry-after'), clock.now());
    return { status: response.status, headers: answerHeaders, body: withWait(response.data, asked) };
  }
}

const waitKey = Symbol('retryAfterMs');
const withWait = (data: unknown, ms: number | undefined) => ({ data, [waitKey]: ms });

/** After a body was sent, a broken connection leaves the outcome unknown, unless it was never made. */
async function afterSending(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError && error.facts.neverSent === true) throw error;
    if (error instanceof AppError && (error.code === 'REMOTE_UNAVAILABLE' || error.code === 'REMOTE_INVALID')) {
      throw new AppError('OUTCOME_UNKNOWN', 'The server may or may not have taken a resource', { facts: error.facts });
    }
    throw error;
  }
}

function accept(answer: Answer, _clock: Clock): Answer {
  if (answer.status < 300) return answer;
  const wrapped = answer.body as { data?: unknown; [waitKey]?: number };
  const facts = { status: answer.status, issueCode: issueCodeOf(wrapped.data), retryAfterMs: wrapped[waitKey] };
  if (answer.status < 400) throw new AppError('REMOTE_REFUSED', 'The server redirects; name the address it redirects to', { facts });
  if ([408, 425, 429].includes(answer.status) || answer.status >= 500) {
    throw new AppError('REMOTE_UNAVAILABLE', 'The other server asks to come back later', { facts });
  }
  throw new AppError('REMOTE_REFUSED', 'The other server refused a request', { facts });
}

/** The code of an OperationOutcome's first issue: a code, never its text. */
export function issueCodeOf(body: unknown): string | undefined {
  if (!isResource(body, 'OperationOutcome')) return undefined;
  const [issue] = (body as fhir4.OperationOutcome).issue ?? [];
  const code = issue?.details?.coding?.[0]?.code ?? issue?.code;
  return typeof code === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(code) ? code : undefined;
}

function isResource(body: unknown, type: string): body is fhir4.Resource {
  return typeof body === 'object' && body !== null && 'resourceType' in body && body.resourceType === type;
}

function resourceOf<R extends fhir4.Resource>(body: unknown, type: string): R {
  if (!isResource(body, type)) throw new AppError('REMOTE_INVALID', 'The server answered with another resource type', { facts: { type } });
  return body as R;
}

function etagOf(answer: Answer, resource: fhir4.Resource | undefined): string | undefined {
  return answer.headers.get('etag') ?? (resource?.meta?.versionId ? `W/"${resource.meta.versionId}"` : undefined);
}

function idFromLocation(location: string | null, type: string): string | undefined {
  return new RegExp(`(?:^|/)${type}/([A-Za-z0-9.-]{1,64})(?:/_history/|$)`).exec(location ?? '')?.[1];
}
