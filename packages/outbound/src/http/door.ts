import { AppError } from '@loopwell/kit';
import type { Dispatcher } from 'undici';
import { looksPacked, unpack } from './gzip.ts';
import { bytesAtMost, createBody, createHeld, type Held } from './held-bytes.ts';
import { isTooHeavy } from './weight.ts';

/** The limits of one kind of request. DECISIONS D73. */
export type Way = {
  /** Deadline in ms, from the first byte sent to the last byte read. */
  deadlineMs: number;
  /** Most bytes of an answer, both as it comes and when it is unpacked. */
  maxBytes: number;
  /**
   * The request may have been done although no answer came: when this process stops, it is waited
   * for a little.
   */
  isWrite: boolean;
};

/** Requests that are out. */
export type Traffic = {
  /** Returns the age of each origin's oldest request, in seconds; 0 where none is out. */
  longest: () => ReadonlyMap<string, number>;
  /** Lists the requests that are waited for now, the longest first. */
  waiting: () => { origin: string; method: string; seconds: number }[];
  /** Ends reads at once, and all else after `graceMs`; new requests are refused. */
  stop: (graceMs: number) => void;
  interceptor: (way: Way) => Dispatcher.DispatcherComposeInterceptor;
};

type Headers = Record<string, string | string[] | undefined>;
type Visit = {
  origin: string;
  method: string;
  since: number;
  sent: boolean;
  way: Way;
  end: (error: AppError) => void;
};

/** Origins whose numbers are kept. */
const originsAtMost = 200;

/**
 * Creates the door that every request passes on its way out. A request ends at its deadline, and
 * the socket with it. Its answer is read to its end without a pause, counted, unpacked and counted
 * again, and only then handed on. Callers never see bytes that are packed, a body in parts, or a
 * connection that ends while a reader is slow.
 */
export function createTraffic(heldAtMost = bytesAtMost): Traffic {
  const visits = new Set<Visit>();
  const origins = new Set<string>();
  const held = createHeld(heldAtMost);
  let isStopped = false;
  const seconds = (visit: Visit) => (Date.now() - visit.since) / 1_000;
  return {
    longest: () => {
      const longest = new Map([...origins].map((one) => [one, 0]));
      for (const visit of visits)
        if (longest.has(visit.origin))
          longest.set(visit.origin, Math.max(longest.get(visit.origin) ?? 0, seconds(visit)));
      return longest;
    },
    waiting: () =>
      [...visits]
        .map((one) => ({ origin: one.origin, method: one.method, seconds: seconds(one) }))
        .sort((a, b) => b.seconds - a.seconds),
    stop(graceMs) {
      isStopped = true;
      for (const visit of visits) {
        if (!visit.way.isWrite || !visit.sent) visit.end(stopped(visit));
        else setTimeout(() => visit.end(tooLate(visit)), graceMs);
      }
    },
    interceptor: (way) => (dispatch) => (options, handler) => {
      const origin = String(options.origin ?? '');
      if (origins.size < originsAtMost) origins.add(origin);
      const visit: Visit = {
        origin,
        method: options.method,
        since: Date.now(),
        sent: false,
        way,
        end: () => {},
      };
      const answer = answerOf(visit, handler, held, () => visits.delete(visit));
      visits.add(visit);
      if (isStopped) {
        queueMicrotask(() => visit.end(stopped(visit)));
        return true;
      }
      return dispatch({ ...options, headers: askingForGzip(options.headers) }, answer);
    },
  };
}

const unavailable = (
  message: string,
  { origin, sent }: Visit,
  facts: Record<string, string | number>,
) => new AppError('REMOTE_UNAVAILABLE', message, { facts: { origin, neverSent: !sent, ...facts } });

const stopped = (visit: Visit) =>
  unavailable('The request was ended, since this process stops', visit, { code: 'stopped' });

const tooLate = (visit: Visit) =>
  unavailable('The other server did not answer to the end in time', visit, {
    code: 'deadline',
    seconds: Math.round((Date.now() - visit.since) / 1_000),
  });

const unusable = (message: string, { origin }: Visit, facts: Record<string, string | number>) =>
  new AppError('REMOTE_INVALID', message, { facts: { origin, ...facts } });

const tooLarge = (visit: Visit) =>
  unusable('The answer is larger than what is read', visit, {
    code: 'too-large',
    bytes: visit.way.maxBytes,
  });

const tooHeavy = (visit: Visit) =>
  unusable('The answer holds more values, or deeper ones, than what is read', visit, {
    code: 'too-many',
  });

const tooMuch = (visit: Visit) =>
  unavailable('Too much is being read at the moment', visit, { code: 'memory' });

/** Takes one answer in, and hands it on when it is whole. */
function answerOf(
  visit: Visit,
  handler: Dispatcher.DispatchHandler,
  held: Held,
  onEnd: () => void,
): Dispatcher.DispatchHandler {
  const body = createBody(visit.way.maxBytes, held, {
    origin: visit.origin,
    giveUp: () => end(tooMuch(visit)),
  });
  let upstream: Dispatcher.DispatchController | undefined;
  let head: { status: number; headers: Headers; message: string | undefined } | undefined;
  let isOver = false;
  const controller = wholeController((reason) => end(reason));
  const timer = setTimeout(() => end(tooLate(visit)), visit.way.deadlineMs);

  function close(): boolean {
    if (isOver) return false;
    isOver = true;
    clearTimeout(timer);
    onEnd();
    return true;
  }
  /** Ends the request and its socket, and tells its caller. */
  function end(error: Error): void {
    if (!close()) return;
    body.drop();
    upstream?.abort(error);
    handler.onResponseError?.(controller, error);
  }
  visit.end = end;

  async function handOn(trailers: Headers): Promise<void> {
    const { status, headers, message } = head ?? { status: 0, headers: {}, message: undefined };
    const plain = await unpacked(body.bytes(), headers, visit, held);
    // Another server's JSON may be made to be costly, and the caller parses it.
    if (isTooHeavy(plain, visit.way.maxBytes)) throw tooHeavy(visit);
    if (!close()) return;
    body.drop();
    const withoutHops = plainHeaders(headers);
    controller.rawHeaders = rawOf(withoutHops);
    handler.onResponseStart?.(controller, status, withoutHops as never, message);
    if (plain.length > 0 && !controller.aborted) handler.onResponseData?.(controller, plain);
    if (!controller.aborted) handler.onResponseEnd?.(controller, trailers as never);
  }

  return {
    onRequestStart(dispatchController, context) {
      upstream = dispatchController;
      visit.sent = true;
      if (isOver) return dispatchController.abort(tooLate(visit));
      handler.onRequestStart?.(controller, context);
    },
    onResponseStart(_given, status, headers, message) {
      // 1xx: the answer itself is still to come.
      if (isOver || status < 200) return;
      head = { status, headers: headers as Headers, message };
      if (Number(headers['content-length']) > visit.way.maxBytes && visit.method !== 'HEAD')
        end(tooLarge(visit));
    },
    onResponseData(_given, chunk) {
      if (isOver) return;
      const problem = body.take(chunk);
      if (problem === 'too-large') end(tooLarge(visit));
      if (problem === 'memory') end(tooMuch(visit));
    },
    onResponseEnd(_given, trailers) {
      if (isOver) return;
      // A reader that fails over a handed-on answer is told, too, so that its caller does not wait
      // for ever.
      handOn(trailers as Headers).catch((error) =>
        isOver ? handler.onResponseError?.(controller, error) : end(error),
      );
    },
    onResponseError: (_given, error) => end(error),
  };
}

/**
 * Creates the controller for the reader. It gets all of the answer in one piece, so that there is
 * nothing to pause.
 */
function wholeController(onAbort: (reason: Error) => void) {
  return {
    aborted: false,
    reason: null as Error | null,
    rawHeaders: [] as Buffer[],
    paused: false,
    pause: () => {},
    resume: () => {},
    abort(reason: Error) {
      this.aborted = true;
      this.reason = reason;
      onAbort(reason);
    },
  };
}

/**
 * Headers about how the bytes came. They are left out, since what is handed on is plain and whole.
 */
const ofTransport: readonly string[] = ['content-encoding', 'content-length', 'transfer-encoding'];

/** Leaves out the headers about how the bytes came. */
const plainHeaders = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTransport.includes(name)));

const rawOf = (headers: Headers): Buffer[] =>
  Object.entries(headers).flatMap(([name, header]) =>
    [header]
      .flat()
      .flatMap((text) =>
        text === undefined ? [] : [Buffer.from(name, 'latin1'), Buffer.from(text, 'latin1')],
      ),
  );

/**
 * Returns the plain bytes of an answer. gzip was asked for and is read also where no header names
 * it; every other encoding is refused.
 *
 * @throws AppError REMOTE_INVALID
 */
async function unpacked(
  bytes: Buffer,
  headers: Headers,
  visit: Visit,
  held: Held,
): Promise<Buffer> {
  const encoding = [headers['content-encoding']].flat().join(',').trim().toLowerCase();
  if (!['', 'identity', 'gzip', 'x-gzip'].includes(encoding)) {
    const named = /^[a-z0-9, -]{1,40}$/.test(encoding) ? encoding : 'another';
    throw unusable('The other server packed its answer in a way that was not asked for', visit, {
      code: 'encoding',
      encoding: named,
    });
  }
  if (!looksPacked(bytes)) return Buffer.from(bytes);
  try {
    return await held.inTurn(() => unpack(bytes, visit.way.maxBytes));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
      throw tooLarge(visit);
    throw unusable('The packed answer is damaged or was cut off', visit, { code: 'damaged' });
  }
}

/**
 * Returns the headers with gzip as the only encoding. They come as a flat list, as pairs or as an
 * object; another encoding that the caller asked for is dropped.
 */
function askingForGzip(
  headers: Dispatcher.DispatchOptions['headers'],
): Record<string, string | string[]> {
  const plain: Record<string, string | string[]> = {};
  const add = (name: string, header: unknown) => {
    if (header === undefined || header === null || name.toLowerCase() === 'accept-encoding') return;
    plain[name] = Array.isArray(header) ? header.map(String) : String(header);
  };
  if (Array.isArray(headers)) {
    for (let index = 0; index < headers.length; index += 2)
      add(String(headers[index]), headers[index + 1]);
  } else if (headers && Symbol.iterator in headers) {
    for (const [name, header] of headers as Iterable<[string, unknown]>) add(name, header);
  } else {
    for (const [name, header] of Object.entries(headers ?? {})) add(name, header);
  }
  return { ...plain, 'accept-encoding': 'gzip' };
}
