import { AppError, type Clock, systemClock } from '@loopwell/kit';
import { createRequestPolicy, type Limits, normalizedBase } from '@loopwell/outbound';
import type * as fhir4 from '../../types.ts';
import type { Interaction } from '../refusals/refused.ts';
import {
  acceptClock,
  accepted,
  clockOf,
  etagOf,
  idFromLocation,
  isResource,
  resourceOf,
  unrepeated,
} from './answers.ts';
import { elsewhere, underBase } from './next-links.ts';
import { pageIn, type SearchPage } from './search-page.ts';
import { type Answer, afterSending, createSender, type SenderOptions } from './send-request.ts';

/**
 * Options of a client. `signal` ends reads and pauses; a write that has left is waited for.
 * DECISIONS D88.
 */
export type FhirClientOptions = SenderOptions & {
  limits?: Limits;
  clock?: Clock;
  /** Called when the server locks us out, with the end, and without one when it answers again. */
  onWait?: (until: Date | undefined) => void;
};

export type Versioned<R> = { resource: R; etag?: string | undefined };

export type FhirClient = {
  base: string;
  read: <R extends fhir4.Resource>(type: string, id: string) => Promise<Versioned<R>>;
  /** Reads the first page of a search; the parameters of a GET never hold personal data. */
  search: (
    type: string,
    parameters: Readonly<Record<string, string | readonly string[]>>,
    options?: SearchOptions,
  ) => Promise<SearchPage>;
  /** Reads a page by its address, which must lie under this base. */
  page: (url: string, options?: SearchOptions) => Promise<SearchPage>;
  /**
   * Creates a resource, once where `ifNoneExist` names it.
   *
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
  /** Returns the server's own clock, by its Date header. */
  serverNow: () => Promise<Date>;
};

/**
 * Options of a search. `once`: a failure is told at once, and not tried again here. `isFresh`: the
 * server must not answer with results that it kept from an earlier search, as HAPI does for a
 * minute.
 */
export type SearchOptions = { once?: boolean; isFresh?: boolean };

/**
 * Creates a FHIR R4 client for one base. fhir-kit-client does the wire, and around it stands what
 * it leaves to us: addresses checked before and while connecting, limits, retry, the token flow,
 * and distrust of what comes back.
 */
export function createFhirClient(options: FhirClientOptions): FhirClient {
  const clock = options.clock ?? systemClock;
  const base = normalizedBase(options.base);
  const asking = createAsking(options, clock);
  return {
    base,
    async read<R extends fhir4.Resource>(type: string, id: string) {
      const answer = await asking.get(`${base}/${type}/${encodeURIComponent(id)}`, 'read');
      const resource = unrepeated(resourceOf<R>(answer.body, type));
      return { resource, etag: etagOf(answer, resource) };
    },
    search: async (type, parameters, how) =>
      asking.page(`${base}/${type}?${queryOf(parameters)}`, 'search', how),
    page: async (url, how) => {
      const underOurBase = underBase(base, options.aliases ?? [], url);
      if (underOurBase === undefined) throw elsewhere(new URL(base).origin, url);
      return asking.page(underOurBase, 'page', how);
    },
    create: (resource, ifNoneExist, mayGo) => create(asking, resource, ifNoneExist, mayGo),
    async update(resource, etag, mayGo) {
      const headers: Record<string, string> = etag === undefined ? {} : { 'if-match': etag };
      const answer = await asking.write('update', resource, headers, mayGo);
      return { etag: etagOf(answer, sameType(answer, resource)) };
    },
    async capabilities() {
      const { body } = await asking.get(`${base}/metadata`, 'capabilities');
      return resourceOf<fhir4.CapabilityStatement>(body, 'CapabilityStatement');
    },
    serverNow: async () => clockOf(await asking.dated(`${base}/metadata`), clock),
  };
}

/** Requests to one server, each by its limits: reads are tried again, writes are not. */
type AskingServer = {
  get: (url: string, interaction: Interaction) => Promise<Answer>;
  page: (url: string, interaction: Interaction, how?: SearchOptions) => Promise<SearchPage>;
  write: (
    interaction: 'create' | 'update',
    resource: fhir4.Resource & { id?: string | undefined },
    headers: Record<string, string>,
    mayGo: (() => boolean) | undefined,
  ) => Promise<Answer>;
  /** Returns an answer for its Date header, whether or not it is a success. */
  dated: (url: string) => Promise<Answer>;
};

function createAsking(options: FhirClientOptions, clock: Clock): AskingServer {
  const { outbound, limits = {}, onWait } = options;
  const base = normalizedBase(options.base);
  const signal = options.signal
    ? AbortSignal.any([options.signal, outbound.stopping])
    : outbound.stopping;
  const receiver = outbound.receivers.of(base);
  const policy = createRequestPolicy({ limits, receiver, signal, onWait });
  const call = createSender(options, outbound.checkUrl(base).origin);
  const hasCredentials = options.credentials !== undefined;
  const accept = (answer: Answer, interaction: Interaction) =>
    accepted(answer, { interaction, hasCredentials, now: clock.now() });
  const getOnce = async (url: string, interaction: Interaction, headers = {}) =>
    accept(await call('GET', url, { interaction, headers }), interaction);
  return {
    get: (url, interaction) => policy.repeated(() => getOnce(url, interaction)),
    async page(url, interaction, how = {}) {
      const ask = how.once ? policy.once : policy.repeated;
      const readPage = await ask(async () => {
        const headers = how.isFresh ? { 'cache-control': 'no-cache' } : {};
        const answer = await getOnce(url, interaction, headers);
        return pageIn(answer, { base, url, now: clock.now() });
      });
      return readPage();
    },
    write: (interaction, resource, headers, mayGo) =>
      policy.once(async () => {
        const typeUrl = `${base}/${resource.resourceType}`;
        const isCreate = interaction === 'create';
        const url = isCreate ? typeUrl : `${typeUrl}/${encodeURIComponent(resource.id ?? '')}`;
        const request = { interaction, body: resource, headers, mayGo };
        const answer = await afterSending(() => call(isCreate ? 'POST' : 'PUT', url, request));
        return accept(answer, interaction);
      }),
    dated: (url) =>
      policy.repeated(async () =>
        acceptClock(await call('GET', url, { interaction: 'capabilities' }), accept),
      ),
  };
}

/** Returns the resource that a server shows after a write, if it shows one of that type. */
const sameType = <R extends fhir4.Resource>(
  { body }: Answer,
  { resourceType }: R,
): R | undefined => (isResource(body, resourceType) ? (body as R) : undefined);

async function create<R extends fhir4.Resource>(
  asking: AskingServer,
  resource: R,
  ifNoneExist: string | undefined,
  mayGo: (() => boolean) | undefined,
) {
  const headers: Record<string, string> =
    ifNoneExist === undefined ? {} : { 'if-none-exist': ifNoneExist };
  const answer = await asking.write('create', resource, headers, mayGo);
  const shown = sameType(answer, resource);
  const location = answer.headers.get('location');
  const id =
    idFromLocation(location, resource.resourceType) ?? (shown as { id?: string } | undefined)?.id;
  if (!id)
    throw new AppError('OUTCOME_UNKNOWN', 'The server took a resource and did not say where it is');
  return { id, etag: etagOf(answer, shown), resource: shown, isNew: answer.status === 201 };
}

const queryOf = (parameters: Parameters<FhirClient['search']>[1]) =>
  new URLSearchParams(
    Object.entries(parameters).flatMap(([name, values]) =>
      [values].flat().map((one): [string, string] => [name, String(one)]),
    ),
  );
