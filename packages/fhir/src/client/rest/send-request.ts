import { AppError } from '@loopwell/kit';
import { networkError, normalizedBase, type Outbound, type RequestKind } from '@loopwell/outbound';
import { Client } from 'fhir-kit-client';
import { withoutUndefined } from '../../defined.ts';
import { noticeRepeated } from '../../json-text.ts';
import type { Interaction } from '../refusals/refused.ts';
import { withOwnNames } from './next-links.ts';
import { overheard } from './overheard.ts';

/** Gives the bearer for one origin; `renew` after it was refused. */
export type Credentials = {
  bearer: () => Promise<string | undefined>;
  renew: (refused?: string) => Promise<string | undefined>;
  /** The scopes of the last token, where its endpoint said which they are. */
  granted?: () => string | undefined;
};

/** The answer to one request as it came, before anything in it is believed. */
export type Answer = { status: number; headers: Headers; body: unknown };

export type SenderOptions = {
  base: string;
  outbound: Outbound;
  credentials?: Credentials | undefined;
  /** Other bases of the same server. */
  aliases?: readonly string[];
  /** True for an EHR, whose pages of searches are larger and may take longer. */
  hasPages?: boolean;
  signal?: AbortSignal;
};

/**
 * Returns a function that sends one request with the current bearer. One that is refused is renewed
 * once.
 */
export function createSender(options: SenderOptions, origin: string) {
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

/**
 * Sends one request by fhir-kit-client. Its errors carry URLs and bodies in their messages, so they
 * are taken apart here.
 */
async function send(
  { kit, dispatcher, method, url, body, origin, signal }: Sent,
  headers: Record<string, string>,
): Promise<Answer> {
  try {
    const typed =
      body === undefined ? headers : { ...headers, 'content-type': 'application/fhir+json' };
    // Only answers to a read or search are believed, so that only those are checked.
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
    // JSON that is no object (`null`, a number) makes the kit stumble; a network error always has a
    // cause.
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

/**
 * Runs what precedes a request, such as fetching the token, and marks its errors: nothing of the
 * request itself has left yet.
 */
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

/** Runs a write, and turns a broken connection into OUTCOME_UNKNOWN unless nothing was sent. */
export async function afterSending(work: () => Promise<Answer>): Promise<Answer> {
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
