import { AppError } from '@loopwell/kit';

/**
 * Servers that we talk to, each by its FHIR base, and how they are doing now. One that is slow or
 * away holds up only its own work: a caller that has work for it asks here first, and gives that
 * work back instead of queuing behind it.
 */
export type Receivers = {
  of: (base: string) => Receiver;
  /**
   * Milliseconds after which new work for a server may be begun; undefined: now.
   *
   * @param rows how much work asks; the more of it waits already, the later it comes again
   */
  waitFor: (base: string, rows?: number) => number | undefined;
  /**
   * Tells whether a server lets a caller wait, or is left alone: others need not wait for work that
   * is there.
   */
  letsWait: (base: string) => boolean;
  /** Sets the origins of servers that are asked nothing until an operator releases them. */
  leaveAlone: (origins: ReadonlySet<string>) => void;
  /** Lists the servers that are slow or left alone now, for operators. */
  troubled: () => Troubled[];
};

export type Troubled = { origin: string; why: 'slow' | 'deadline' | 'away' | 'left-alone' };

export type Receiver = {
  /**
   * Waits for one of the places that this server has, while it answers.
   *
   * @param since when this visit began, where it is one that is tried again
   * @returns to be called when the request has ended
   * @throws AppError REMOTE_UNAVAILABLE, with nothing sent, when the server is left alone or lets
   *   others wait
   */
  enter: (since?: number) => Promise<() => void>;
  /**
   * Marks a pause between two tries; while it lasts the server counts as one that lets callers
   * wait.
   */
  pause: (since: number) => () => void;
  succeeded: () => void;
  failed: (how: 'deadline' | 'unreachable' | 'unavailable') => void;
};

export type ReceiverOptions = {
  /** A request that is out for so long holds up no further ones. */
  slowMs?: number;
  /**
   * How long a server that failed is left alone, first and at most; each failure on its next try
   * doubles it.
   */
  restMs?: number;
  maxRestMs?: number;
  /** Requests at a time toward one server. */
  width?: number;
  now?: () => number;
};

type Waiter = {
  resolve: (leave: () => void) => void;
  reject: (error: AppError) => void;
  since: number;
};

const firstWidth = 2;
/**
 * Failures in a row after which a server is left alone. Refused connections tell more than answers
 * that say "later".
 */
const failuresAtMost = { unreachable: 5, unavailable: 20 } as const;
/**
 * The pace at which rows that wait for one server come again, so that a hundred thousand of them do
 * not come at once.
 */
const comingBackPerSecond = 100;
const longestWaitMs = 300_000;
const untilReleasedMs = 60_000;
/** The number of servers beyond which idle ones are forgotten. */
const keptAtMost = 1_000;

/** Creates the register of servers; `Receivers` says what it tells. */
export function createReceivers(options: ReceiverOptions = {}): Receivers {
  const states = new Map<string, State>();
  let alone: ReadonlySet<string> = new Set();
  const stateOf = (address: string): State => {
    const base = normalizedBase(address);
    const existing = states.get(base);
    if (existing) return existing;
    if (states.size >= keptAtMost)
      for (const [address, state] of states) if (state.isIdle()) states.delete(address);
    const made = createState(URL.canParse(base) ? new URL(base).origin : base, options, (origin) =>
      alone.has(origin),
    );
    states.set(base, made);
    return made;
  };
  return {
    // The state is looked up anew each time, since an idle server may have been forgotten.
    of: (base) => ({
      enter: (since) => stateOf(base).enter(since),
      pause: (since) => stateOf(base).pause(since),
      succeeded: () => stateOf(base).succeeded(),
      failed: (how) => stateOf(base).failed(how),
    }),
    waitFor: (base, rows = 1) => stateOf(base).waitFor(rows),
    letsWait: (base) => stateOf(base).letsWait(),
    leaveAlone(origins) {
      alone = origins;
      for (const state of states.values()) state.serve();
    },
    troubled() {
      const inTrouble = [...states.values()].flatMap((state): Troubled[] => {
        const why = state.trouble();
        return why ? [{ origin: state.origin, why }] : [];
      });
      const unasked = [...alone].filter(
        (origin) => !inTrouble.some((one) => one.origin === origin),
      );
      return [...inTrouble, ...unasked.map((origin): Troubled => ({ origin, why: 'left-alone' }))];
    },
  };
}

/**
 * Writes a base as URLs write themselves, so that it is the same with or without a default port.
 */
export function normalizedBase(text: string): string {
  const base = URL.canParse(text) ? new URL(text).href : text;
  return base.replace(/\/+$/, '');
}

type State = Receiver & {
  origin: string;
  waitFor: (rows: number) => number | undefined;
  trouble: () => Troubled['why'] | undefined;
  letsWait: () => boolean;
  serve: () => void;
  isIdle: () => boolean;
};

/**
 * Creates the state of one server. It has few places while the server has not been asked yet or has
 * failed, and more with each answer.
 */
function createState(
  origin: string,
  options: ReceiverOptions,
  isAlone: (origin: string) => boolean,
): State {
  const { slowMs = 3_000, width: most = 8, now = Date.now } = options;
  const visits = new Set<{ since: number }>();
  const queue: Waiter[] = [];
  const resting = createRest(options);
  let [width, places, failures, givenBack] = [Math.min(firstWidth, most), 0, 0, 0];
  let timer: NodeJS.Timeout | undefined;

  const oldest = () => Math.min(...[...visits].map((one) => one.since));
  const trouble = (): Troubled['why'] | undefined => {
    if (isAlone(origin)) return 'left-alone';
    return resting.why() ?? (oldest() < now() - slowMs ? 'slow' : undefined);
  };
  /**
   * Returns for how many ms no caller may wait for a place; undefined where one may. Begun work
   * goes on while there is a place: a read after a write says what came of it.
   */
  function closedFor(): number | undefined {
    if (isAlone(origin)) return untilReleasedMs;
    return places >= width && trouble() !== undefined ? (resting.left() ?? slowMs) : undefined;
  }
  const shutFor = (): number | undefined => closedFor() ?? resting.left();
  /** Lets waiting callers go where a place is free, and sends them away when the server is slow. */
  function serve(): void {
    if (isAlone(origin))
      for (const waiter of queue.splice(0)) waiter.reject(refusal(origin, untilReleasedMs));
    for (const waiter of queue.splice(0, Math.max(0, width - places)))
      waiter.resolve(begin(waiter.since));
    // The last place may have gone, at a server that is in trouble: callers do not wait there.
    const closed = closedFor();
    if (closed !== undefined)
      for (const waiter of queue.splice(0)) waiter.reject(refusal(origin, closed));
    clearTimeout(timer);
    if (queue.length > 0) timer = setTimeout(serve, Math.max(50, oldest() + slowMs - now() + 1));
  }
  function begin(since: number): () => void {
    const visit = { since };
    visits.add(visit);
    places += 1;
    return () => {
      if (!visits.delete(visit)) return;
      places -= 1;
      serve();
    };
  }
  return {
    letsWait: () => trouble() !== undefined || oldest() < now() - slowMs / 3,
    ...{
      origin,
      trouble,
      serve,
      isIdle: () => visits.size === 0 && queue.length === 0 && trouble() === undefined,
    },
    enter: (since = now()) =>
      new Promise((resolve, reject) => {
        queue.push({ resolve, reject, since });
        serve();
      }),
    pause(since) {
      const visit = { since };
      visits.add(visit);
      return () => void visits.delete(visit);
    },
    succeeded() {
      [width, failures, givenBack] = [Math.min(most, width + 1), 0, 0];
      resting.end();
      serve();
    },
    failed(how) {
      failures += 1;
      if (how !== 'deadline' && !resting.isKnown() && failures < failuresAtMost[how]) return;
      resting.begin(how === 'deadline' ? 'deadline' : 'away');
      width = 1;
      serve();
    },
    waitFor(rows) {
      const shut = shutFor();
      if (shut === undefined) return undefined;
      givenBack += rows;
      return Math.min(longestWaitMs, shut + (givenBack / comingBackPerSecond) * 1_000);
    },
  };
}

/**
 * Creates the rest of a server that failed: it is left alone twice as long each time, until it
 * answers.
 */
function createRest({ restMs = 5_000, maxRestMs = 60_000, now = Date.now }: ReceiverOptions) {
  let [times, until] = [0, 0];
  let why: 'deadline' | 'away' = 'away';
  const isOn = () => until > now();
  return {
    begin(reason: typeof why): void {
      // Requests that were out together fail together: that is one failure.
      if (isOn()) return;
      // A server that was away answers at once when it is back; asking a slow one takes a whole
      // deadline.
      until =
        now() +
        Math.min(
          reason === 'deadline' ? maxRestMs : maxRestMs / 4,
          restMs * 2 ** Math.min(times, 20),
        );
      times += 1;
      why = reason;
    },
    end(): void {
      [times, until] = [0, 0];
    },
    isKnown: () => times > 0,
    left: () => (isOn() ? until - now() : undefined),
    why: () => (isOn() ? why : undefined),
  };
}

function refusal(origin: string, waitMs: number): AppError {
  return new AppError(
    'REMOTE_UNAVAILABLE',
    'The other server lets others wait, or failed a moment ago, and is left alone for now',
    {
      facts: { origin, neverSent: true, leftAlone: true, retryAfterMs: Math.ceil(waitMs) },
    },
  );
}
