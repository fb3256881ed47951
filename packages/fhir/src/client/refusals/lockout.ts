import { mapDefined } from '../../defined.ts';

/**
 * The longest time, in ms, that a receiver is left alone on its own word; then it is asked once.
 */
const mostMs = 3_600_000;

const bounded = (ms: number): number => Math.min(mostMs, Math.max(0, ms));

/**
 * Reads a Retry-After header (seconds, an HTTP date, seconds since 1970) as milliseconds from now,
 * at most an hour (RFC 9110, 10.2.3).
 */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const number = Number(header);
  if (Number.isFinite(number)) return bounded(sinceNow(number, now));
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : bounded(date - now.getTime());
}

/**
 * Reads a number as milliseconds from now. A large one is an instant, in seconds or milliseconds
 * since 1970.
 */
function sinceNow(number: number, now: Date): number {
  if (number >= 1e12) return number - now.getTime();
  return number >= 1.5e9 ? number * 1_000 - now.getTime() : number * 1_000;
}

const resets = [
  'ratelimit-reset',
  'x-ratelimit-reset',
  'x-rate-limit-reset',
  'x-ratelimit-retry-after',
  'x-retry-after',
];

/** The parts of an answer that say for how long we are locked out. */
export type Refused = {
  status: number;
  headers: Headers;
  issueCode: string | undefined;
  words: string;
};

/**
 * Tells whether a receiver locks us out for a while, and for how long as far as it says so: in a
 * header, or in the words of its OperationOutcome, JSON or plain text. Instants are judged by its
 * own clock (`Date`), which may not be ours.
 */
export function lockoutOf(
  { status, headers, issueCode, words }: Refused,
  now: Date,
): { askedMs: number | undefined } | undefined {
  const date = Date.parse(headers.get('date') ?? '');
  const theirs = Number.isNaN(date) ? now : new Date(date);
  const isThrottled =
    status === 429 ||
    issueCode === 'throttled' ||
    /rate.?limit|too.?many.?requests|throttl|quota/i.test(words);
  const named = retryAfterMs(headers.get('retry-after'), theirs);
  if (!isThrottled) return status === 503 && named !== undefined ? { askedMs: named } : undefined;
  const reset = () =>
    resets.map((name) => retryAfterMs(headers.get(name), theirs)).find((one) => one !== undefined);
  return { askedMs: named ?? waitInWords(words, theirs) ?? reset() };
}

const amounts: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  five: 5,
  ten: 10,
  fifteen: 15,
  thirty: 30,
  sixty: 60,
};
const span = String.raw`(\d+(?:\.\d+)?|an?|one|two|three|five|ten|fifteen|thirty|sixty)[\s-]*(milliseconds?|millis|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h)(?![a-z])`;
const spans = new RegExp(
  String.raw`(?<![\w.:])${span}(?:\s*(?:,|and)?\s*${span})?(?:\s*(?:,|and)?\s*${span})?`,
  'gi',
);
const aRate =
  /(\bper|\bevery|\beach|\/|\bwithin|\bover|\blast|\bpast|\b(window|period|interval|limit) of|\b(requests?|calls?) (in|for))(\s+(an?|the))?\s*$/i;
const ofRate = /^[\s-]*(window|period|interval|limit|quota)\b/i;
const aWait = /\b(in|after|for|wait|waiting|another|again|remaining|least|until)\s*:?\s*$/i;

/**
 * Reads the time to wait, in ms, from words: a number with a unit, an ISO duration, minutes and
 * seconds, or an instant.
 */
export function waitInWords(text: string, now: Date): number | undefined {
  const waitMs =
    spanIn(text) ??
    bareSeconds(text) ??
    isoDuration(text) ??
    clockSpan(text) ??
    instantIn(text, now);
  return waitMs === undefined ? undefined : bounded(waitMs);
}

/**
 * Reads how many ms a text says to wait, from a number with a unit. A rate ("30 calls per 15
 * minutes") is no wait. A duration after "in" or "after" goes before the others.
 */
function spanIn(text: string): number | undefined {
  const durations = mapDefined([...text.matchAll(spans)], (match) => {
    const before = text.slice(Math.max(0, match.index - 40), match.index);
    const after = text.slice(match.index + match[0].length);
    if (aRate.test(before) || ofRate.test(after)) return undefined;
    return { ms: msOf(match), isWait: aWait.test(before) };
  });
  return (durations.find((one) => one.isWait) ?? durations[0])?.ms;
}

function msOf(match: RegExpExecArray): number {
  let ms = 0;
  for (let index = 1; index < match.length; index += 2) {
    const [amount, unit] = [match[index]?.toLowerCase(), match[index + 1]?.toLowerCase()];
    if (amount !== undefined && unit !== undefined)
      ms += (amounts[amount] ?? Number(amount)) * unitMs(unit);
  }
  return ms;
}

const unitMs = (unit: string): number => {
  if (unit.startsWith('mil') || unit === 'ms') return 1;
  if (unit.startsWith('s')) return 1_000;
  return unit.startsWith('m') ? 60_000 : 3_600_000;
};

/** Reads `retry_after: 844`, without a unit, as seconds. */
function bareSeconds(text: string): number | undefined {
  const written = /retry[-_ ]?after["']?\s*[:=]?\s*["']?(\d{1,6}(?:\.\d+)?)(?![\w:.-]*\d)/i.exec(
    text,
  )?.[1];
  return written === undefined ? undefined : Number(written) * 1_000;
}

function isoDuration(text: string): number | undefined {
  const match = /\bPT(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?/.exec(text);
  if (!match) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((one) => Number(one ?? 0));
  return hours * 3_600_000 + minutes * 60_000 + seconds * 1_000;
}

/** Reads `in 14:04` or `for 00:14:04`. */
function clockSpan(text: string): number | undefined {
  const match =
    /\b(?:in|after|for|another)\s+(?:(\d{1,2}):)?(\d{1,2}):(\d{2})(?!\s*(?:[ap]m|utc|gmt|z)\b)/i.exec(
      text,
    );
  if (!match) return undefined;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((one) => Number(one ?? 0));
  return hours * 3_600_000 + minutes * 60_000 + seconds * 1_000;
}

function instantIn(text: string, now: Date): number | undefined {
  const iso =
    /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|\s?[+-]\d{2}:?\d{2})?/.exec(
      text,
    )?.[0];
  const http =
    /(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT/.exec(
      text,
    )?.[0];
  const written = iso === undefined ? http : withZone(iso.replace(' ', 'T').replace(' ', ''));
  if (written !== undefined) {
    const ms = Date.parse(written) - now.getTime();
    return Number.isNaN(ms) ? undefined : ms;
  }
  return timeOfDay(text, now);
}

const withZone = (text: string) => (/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`);

/**
 * Reads `until 15:12`, in UTC. It is believed only where that is within the next hour, since it may
 * be the time of another zone.
 */
function timeOfDay(text: string, now: Date): number | undefined {
  const match = /\b(?:until|at|after|before)\s+(\d{1,2}):(\d{2})(?::(\d{2}))?/i.exec(text);
  if (!match) return undefined;
  const at = new Date(now);
  at.setUTCHours(Number(match[1]), Number(match[2]), Number(match[3] ?? 0), 0);
  const ms = (at.getTime() - now.getTime() + 86_400_000) % 86_400_000;
  return ms <= mostMs ? ms : undefined;
}

const longestSaid = 4_000;

/**
 * Gathers all that a refusal says in words, in any form: an OperationOutcome, other JSON, plain
 * text.
 */
export function saidIn(body: unknown, depth = 0): string {
  if (typeof body === 'string') return body.replace(/<[^>]*>/g, ' ').slice(0, longestSaid);
  if (typeof body !== 'object' || body === null || depth > 5) return '';
  const parts = Array.isArray(body)
    ? body.slice(0, 50).map((one) => saidIn(one, depth + 1))
    : Object.entries(body).map(([name, member]) =>
        typeof member === 'number' ? `${name} ${member}` : saidIn(member, depth + 1),
      );
  return parts.filter(Boolean).join(' ').slice(0, longestSaid);
}
