import { AppError, type Clock, systemClock } from '@loopwell/kit';
import { Client } from 'fhir-kit-client';
import { withoutUndefined } from '../../defined.ts';
import { noticeRepeated, pathText, repeatedMembers } from '../../json-text.ts';
import { brokenRule } from '../../shape/index.ts';
import type * as fhir4 from '../../types.ts';
import { normalizedBase } from '../receivers/receivers.ts';
import { createRequestPolicy, type Limits } from '../receivers/request-policy.ts';
import { type Asking, type Interaction, refusedError } from '../refusals/refused.ts';
import { networkError, type Outbound, type RequestKind } from '../sockets/outbound.ts';
import { elsewhere, underBase, withOwnNames } from './next-links.ts';
import { overheard } from './overheard.ts';
import { pageIn, type SearchPage } from './search-page.ts';

/** Gives the bearer for one origin; `renew` after it was refused. */
export type Credentials = {
  bearer: () => Promise<string | undefined>;
  renew: (refused?: string) => Promise<string | undefined>;
  /** The scopes of the last token, where its endpoint said which they are. */
  granted?: () => string | undefined;
};

export type FhirClientOptions = {
  base: string;
  outbound: Outbound;
  credentials?: Credentials | undefined;
  limits?: Limits;
  /** Its searches are pages of an EHR: larger, and they may take their time. */
  hasPages?: boolean;
  clock?: Clock;
  /** Other bases under which the server names itself in its links; what lies under one is asked under `base`. */
  aliases?: readonly string[];
  /** Ends reads and pauses; a write that has left is waited for. */
  signal?: AbortSignal;
  /** Told when the server locks us out, until when, and without an instant when it answers again. */
  onWait?: (until: Date | undefined) => void;
};

export type Versioned<R> = { resource: R; etag?: string | undefined };

export type FhirClient = {
  base: string;
  read: <R extends fhir4.Resource>(type: string, id: string) => Promise<Versioned<R>>;
  /** One page of a search; the parameters of a GET never hold personal data. */
  search: (
    type: string,
    parameters: Readonly<Record<string, string | readonly string[]>>,
    options?: SearchOptions,
  ) => Promise<SearchPage>;
  /** A page by its address, which must lie under this base. */
  page: (url: string, options?: SearchOptions) => Promise<SearchPage>;
  /**
   * @param mayGo asked right before anything leaves, after all waiting for limits and tokens
   * @throws AppError CONFLICT, with nothing sent, when `mayGo` says no
   */
  create: <R extends fhir4.Resource>(
    resource: R,
    ifNoneExist?: string,
    mayGo?: () => boolean,
  ) => Promise<{ id: string; etag?: string | undefined; resource?: R | undefined; isNew: boolean }>;
  update: <R extends fhir4.Resource & { id?: string | undefined }>(
    resource: R,
    etag?: string,
    mayGo?: () => boolean,
  ) => Promise<{ etag?: string | undefined }>;
  capabilities: () => Promise<fhir4.CapabilityStatement>;
  /** The server's own clock, by its Date header. */
  serverNow: () => Promise<Date>;
};

/** `once`: a failure is told at once, and not tried again here. */
export type SearchOptions = { once?: boolean };

type Answer = { status: number; headers: Headers; body: unknown };

/**
 * A FHIR R4 client for one base: fhir-kit-client for the wire, and around it what it leaves to us: addresses checked
 * before and while connecting, limits, retry, the token flow, and distrust of what comes back.
 */
export function createFhirClient(options: FhirClientOptions): FhirClient {
  const base = normalizedBase(options.base);
  const clock = options.clock ?? systemClock;
  const { outbound, limits = {}, onWait } = options;
  const signal = options.signal
    ? AbortSignal.any([options.signal, outbound.stopping])
    : outbound.stopping;
  const policy = createRequestPolicy({
    limits,
    receiver: outbound.receivers.of(base),
    signal,
    onWait,
  });
  const origin = outbound.checkUrl(base).origin;
  const call = caller(options, origin);
  const hasCredentials = options.credentials !== undefined;
  const accept = (answer: Answer, interaction: Interaction) =>
    accepted(answer, { interaction, hasCredentials, now: clock.now() });
  const get = (url: string, interaction: Interaction) =>
    policy.repeated(async () => accept(await call('GET', url, { interaction }), interaction));
  const pageOf = async (url: string, interaction: Interaction, how: SearchOptions = {}) => {
    const page = await (how.once ? policy.once : policy.repeated)(async () =>
      pageIn(accept(await call('GET', url, { interaction }), interaction), {
        base,
        url,
        now: clock.now(),
      }),
    );
    return page();
  };

  return {
    base,
    async read<R extends fhir4.Resource>(type: string, id: string) {
      const answer = await get(`${base}/${type}/${encodeURIComponent(id)}`, 'read');
      const resource = unrepeated(resourceOf<R>(answer.body, type));
      return { resource, etag: etagOf(answer, resource) };
    },
    search: async (type, parameters, how) =>
      pageOf(`${base}/${type}?${queryOf(parameters)}`, 'search', how),
    page: async (url, how) => {
      const underOurBase = underBase(base, options.aliases ?? [], url);
      if (underOurBase === undefined) throw elsewhere(origin, url);
      return pageOf(underOurBase, 'page', how);
    },
    async create<R extends fhir4.Resource>(
      resource: R,
      ifNoneExist?: string,
      mayGo?: () => boolean,
    ) {
      const headers: Record<string, string> =
        ifNoneExist === undefined ? {} : { 'if-none-exist': ifNoneExist };
      const answer = await policy.once(async () =>
        accept(
          await afterSending(() =>
            call('POST', `${base}/${resource.resourceType}`, {
              interaction: 'create',
              body: resource,
              headers,
              mayGo,
            }),
          ),
          'create',
        ),
      );
      const body = isResource(answer.body, resource.resourceType) ? (answer.body as R) : undefined;
      const id =
        idFromLocation(answer.headers.get('location'), resource.resourceType) ??
        (body as { id?: string } | undefined)?.id;
      if (!id)
        throw new AppError(
          'OUTCOME_UNKNOWN',
          'The server took a resource and did not say where it is',
        );
      return { id, etag: etagOf(answer, body), resource: body, isNew: answer.status === 201 };
    },
    async update(resource, etag, mayGo) {
      const headers: Record<string, string> = etag === undefined ? {} : { 'if-match': etag };
      const url = `${base}/${resource.resourceType}/${encodeURIComponent(resource.id ?? '')}`;
      const answer = await policy.once(async () =>
        accept(
          await afterSending(() =>
            call('PUT', url, { interaction: 'update', body: resource, headers, mayGo }),
          ),
          'update',
        ),
      );
      return {
        etag: etagOf(
          answer,
          isResource(answer.body, resource.resourceType)
            ? (answer.body as fhir4.Resource)
            : undefined,
        ),
      };
    },
    capabilities: async () =>
      resourceOf<fhir4.CapabilityStatement>(
        (await get(`${base}/metadata`, 'capabilities')).body,
        'CapabilityStatement',
      ),
    serverNow: async () =>
      clockOf(
        await policy.repeated(async () =>
          acceptClock(
            await call('GET', `${base}/metadata`, { interaction: 'capabilities' }),
            accept,
          ),
        ),
        clock,
      ),
  };
}

/** Sends one request with the bearer of the moment; one that is refused is renewed once. */
function caller(options: FhirClientOptions, origin: string) {
  const { outbound } = options;
  const kit = new Client({
    baseUrl: normalizedBase(options.base),
    requestOptions: { redirect: 'manual' },
  });
  return async function call(
    method: 'GET' | 'POST' | 'PUT',
    url: string,
    { interaction, body, headers = {}, mayGo }: Call,
  ): Promise<Answer> {
    outbound.checkUrl(url);
    if (new URL(url).origin !== origin)
      throw new AppError('ADDRESS_REFUSED', 'A request must stay with its server', {
        facts: { origin },
      });
    const bearer = await beforeSending(async () => options.credentials?.bearer());
    requireGo(mayGo);
    const dispatcher = outbound.through(kindOf(interaction, options.hasPages === true));
    const sent = {
      kit,
      dispatcher,
      method,
      url,
      body,
      origin,
      signal: method === 'GET' ? options.signal : undefined,
    };
    const ask = async (withIt: Record<string, string>) =>
      withOwnNames(await send(sent, withIt), kit.baseUrl, options.aliases ?? []);
    const first = await ask(withBearer(headers, bearer));
    if (first.status !== 401 || !options.credentials) return first;
    const { renew } = options.credentials;
    const renewed = await beforeSending(() => renew(bearer));
    requireGo(mayGo);
    return ask(withBearer(headers, renewed));
  };
}

const queryOf = (parameters: Parameters<FhirClient['search']>[1]) =>
  new URLSearchParams(
    Object.entries(parameters).flatMap(([name, values]) =>
      [values].flat().map((one): [string, string] => [name, String(one)]),
    ),
  );

function accepted(answer: Answer, asking: Asking): Answer {
  const { status, headers, body } = answer;
  if (status < 300) return answer;
  throw refusedError({ status, headers, body }, asking);
}

/** A server without this page has a clock all the same; one that does not let us in says so here. */
const acceptClock = (
  answer: Answer,
  accept: (answer: Answer, interaction: Interaction) => Answer,
) => ([404, 405, 406].includes(answer.status) ? answer : accept(answer, 'capabilities'));

function clockOf({ headers }: Answer, clock: Clock): Date {
  const dateMs = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(dateMs) ? clock.now() : new Date(dateMs);
}

type Call = {
  interaction: Interaction;
  body?: unknown;
  headers?: Record<string, string>;
  mayGo?: (() => boolean) | undefined;
};

function kindOf(interaction: Interaction, hasPages: boolean): RequestKind {
  if (interaction === 'create' || interaction === 'update') return 'write';
  return hasPages && (interaction === 'search' || interaction === 'page') ? 'page' : 'small';
}

function requireGo(mayGo: (() => boolean) | undefined): void {
  if (mayGo?.() === false)
    throw new AppError('CONFLICT', 'The work has passed to somebody else', {
      retryable: true,
      facts: { neverSent: true },
    });
}

const withBearer = (headers: Record<string, string>, bearer: string | undefined) =>
  bearer === undefined ? headers : { ...headers, authorization: `Bearer ${bearer}` };

type KitError = { response?: { status: number; data: unknown }; config?: { headers?: Headers } };

type Sent = {
  kit: Client;
  dispatcher: ReturnType<Outbound['through']>;
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  body: unknown;
  origin: string;
  signal: AbortSignal | undefined;
};

/** One request by fhir-kit-client; its errors carry URLs and bodies in their messages, so they are taken apart here. */
async function send(
  { kit, dispatcher, method, url, body, origin, signal }: Sent,
  headers: Record<string, string>,
): Promise<Answer> {
  try {
    const typed =
      body === undefined ? headers : { ...headers, 'content-type': 'application/fhir+json' };
    // Only what was asked for is believed from an answer: a search, a read.
    const listener = method === 'GET' ? overheard(dispatcher) : undefined;
    const way: Record<string, unknown> = { dispatcher: listener?.dispatcher ?? dispatcher };
    const result = await kit.request(url, {
      method,
      options: { headers: typed, ...withoutUndefined({ signal: signal || undefined }), ...way },
      ...withoutUndefined({
        body: body === undefined ? undefined : (body as Record<string, unknown>),
      }),
    });
    noticeRepeated(result, listener?.text() ?? '');
    const response = Client.httpFor(result).response;
    return {
      status: response?.status ?? 200,
      headers: response?.headers ?? new Headers(),
      body: result,
    };
  } catch (error) {
    const { response, config } = error as KitError;
    // JSON that is no object (`null`, a number) makes the kit stumble; a network error always has a cause.
    if (error instanceof TypeError && error.cause === undefined && !response)
      throw notFhir(origin, undefined, 'no-object');
    if (!response) throw networkError(error, origin);
    const answerHeaders = config?.headers instanceof Headers ? config.headers : new Headers();
    if (response.status < 300 && typeof response.data === 'string') {
      throw notFhir(
        origin,
        response.status,
        /^\s*</.test(response.data) ? 'html' : 'truncated-json',
      );
    }
    return { status: response.status, headers: answerHeaders, body: response.data };
  }
}

const notFhir = (origin: string, status: number | undefined, kind: string) =>
  new AppError('REMOTE_INVALID', 'The server did not answer with FHIR JSON', {
    facts: { origin, status, kind },
  });

/** Whatever goes wrong with the token, nothing of the request itself has left yet. */
async function beforeSending<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, retryable, facts } = error;
    throw new AppError(code, message, {
      retryable,
      facts: { ...facts, interaction: 'token', neverSent: true },
      cause: error,
    });
  }
}

/** After a body was sent, a broken connection leaves the outcome unknown, unless it was never made. */
async function afterSending(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError && error.facts.neverSent === true) throw error;
    if (
      error instanceof AppError &&
      (error.code === 'REMOTE_UNAVAILABLE' || error.code === 'REMOTE_INVALID')
    ) {
      throw new AppError('OUTCOME_UNKNOWN', 'The server may or may not have taken a resource', {
        facts: error.facts,
      });
    }
    throw error;
  }
}

const isResource = (body: unknown, type: string): body is fhir4.Resource =>
  brokenRule(body, ['other-type'], type) === undefined;

function resourceOf<R extends fhir4.Resource>(body: unknown, type: string): R {
  if (!isResource(body, type))
    throw new AppError('REMOTE_INVALID', 'The server answered with another resource type', {
      facts: { type },
    });
  return body as R;
}

/** A resource that says something twice cannot be acted on: which of the two is meant nobody knows. */
function unrepeated<R extends fhir4.Resource>(resource: R): R {
  const [first] = repeatedMembers(resource);
  if (!first) return resource;
  const element = pathText([...first.path, first.key]);
  throw new AppError('REMOTE_INVALID', 'The server answered with an element that is there twice', {
    facts: {
      type: resource.resourceType,
      element: /^[\w.[\]]{1,200}$/.test(element) ? element : 'an element',
    },
  });
}

/** The version by the resource itself, which is what R4 puts into ETag; some servers' ETag is a hash of their bytes. */
function etagOf(answer: Answer, resource: fhir4.Resource | undefined): string | undefined {
  const version = resource?.meta?.versionId;
  return typeof version === 'string' && version !== ''
    ? `W/"${version}"`
    : (answer.headers.get('etag') ?? undefined);
}

function idFromLocation(location: string | null, type: string): string | undefined {
  return new RegExp(`(?:^|/)${type}/([A-Za-z0-9.-]{1,64})(?:/_history/|$)`).exec(
    location ?? '',
  )?.[1];
}
