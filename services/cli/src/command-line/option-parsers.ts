import { identifierSystemProblem } from '@loopwell/fhir';
import { parseProxies, proxiesRule } from '@loopwell/http';
import { parseDurationMs, timeZoneProblem } from '@loopwell/kit';
import {
  addressRule,
  gatewayRule,
  isMailAddress,
  isTextNumber,
  mailUrlRule,
  numberRule,
  readGateway,
  readMailUrl,
} from '@loopwell/messages';
import {
  type ConsentPolicy,
  type Deadline,
  parseConsentPolicy,
  parseDeadline as readDeadline,
  siteProblems,
} from '@loopwell/sdoh';
import { InvalidArgumentError } from 'commander';

/** Each parser throws InvalidArgumentError with a sentence that says what to give. */

/** Parses a duration such as `15s` into milliseconds. */
export function parseDuration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined)
    throw new InvalidArgumentError('Give a duration such as 500ms, 15s, 10m, 2h or 3d.');
  return ms;
}

/** Parses how long a decision can be undone, into milliseconds: one day at most, or none. */
export function parseUndoWait(text: string): number {
  if (siteProblems({ undoFor: text.trim() }).length > 0)
    throw new InvalidArgumentError('Give a duration such as 10m, up to one day; 0s for no wait.');
  return parseDuration(text);
}

/** Parses a duration, or business days such as `2bd`. */
export function parseDeadline(text: string): Deadline {
  const deadline = readDeadline(text.trim());
  if (deadline === undefined)
    throw new InvalidArgumentError(
      'Give a duration such as 15s, 2h or 3d, or business days such as 2bd.',
    );
  return deadline;
}

/** Parses whole days, from `365d` or another duration. A number alone counts days. */
export function parseDays(text: string): number {
  const count = parseDuration(/^\d+$/.test(text) ? `${text}d` : text) / 86_400_000;
  if (count < 1 || count > 36_500)
    throw new InvalidArgumentError('Give a number of days such as 365d.');
  return Math.floor(count);
}

/** Parses a TCP port. 0 means any free one. */
export function parsePort(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= 65_535)) throw new InvalidArgumentError('Give a port between 0 and 65535.');
  return number;
}

/** Parses a whole number from 1 to 100000. */
export function parseWholeNumber(text: string): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= 1 && number <= 100_000))
    throw new InvalidArgumentError('Give a whole number from 1 to 100000.');
  return number;
}

/**
 * Parses a FHIR `instant` or `date`. A time without a zone is refused, because it would mean
 * another moment on each machine.
 */
export function parseInstant(text: string): Date {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(
    text,
  );
  const date = new Date(text);
  if ((!isDate && !isInstant) || Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('Give an instant such as 2026-11-01T00:00:00Z.');
  if (date.getTime() > Date.now())
    throw new InvalidArgumentError('Give an instant that has passed.');
  return date;
}

/** Parses an http(s) address without credentials, query and fragment; removes trailing slashes. */
export function parseWebAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('Give an http(s) address.');
  if (url.username || url.password)
    throw new InvalidArgumentError('Give an address without user name or password in it.');
  if (url.search || url.hash)
    throw new InvalidArgumentError('Give an address without ? and # in it.');
  return text.replace(/\/+$/, '');
}

/** Parses the address of a mail server, with the password where it wants one. */
export function parseMailServer(text: string): string {
  if (readMailUrl(text) === undefined) throw new InvalidArgumentError(`It ${mailUrlRule}.`);
  return text;
}

/** Parses the kind and the address of a text gateway, with account and secret. */
export function parseTextGateway(text: string): string {
  if (readGateway(text) === undefined) throw new InvalidArgumentError(`It ${gatewayRule}.`);
  return text;
}

/** Parses the number that texts come from. */
export function parseTextNumber(text: string): string {
  if (!isTextNumber(text)) throw new InvalidArgumentError(`It ${numberRule}.`);
  return text;
}

/** Parses one e-mail address. */
export function parseMailAddress(text: string): string {
  if (!isMailAddress(text)) throw new InvalidArgumentError(`It ${addressRule}.`);
  return text;
}

/** Parses the IANA name of a time zone. */
export function parseTimeZone(text: string): string {
  const problem = timeZoneProblem(text);
  if (problem !== undefined) throw new InvalidArgumentError(`It ${problem}.`);
  return text;
}

/** Parses the system of our identifiers: an absolute URI that belongs to the site. */
export function parseIdentifierSystem(text: string): string {
  const problem = identifierSystemProblem(text);
  if (problem !== undefined) throw new InvalidArgumentError(`It ${problem}.`);
  return text;
}

/** Parses a name on one line, of 1 to 200 characters. */
export function parseSiteName(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > 200 || /\p{Cc}/u.test(name))
    throw new InvalidArgumentError('Give a name of 1 to 200 characters.');
  return name;
}

/** Parses one phone number as people write it, with or without an extension. */
export function parsePhoneNumber(text: string): string {
  const number = text.trim();
  if (!/^\+?[\d\s().-]{7,20}(?: ?(?:x|ext\.?) ?\d{1,6})?$/.test(number))
    throw new InvalidArgumentError('Give one phone number, such as "+1 612 555 0100".');
  return number;
}

/** Parses an age in years, from 0 to 30. */
export function parseAge(text: string): number {
  const years = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (!(years <= 30)) throw new InvalidArgumentError('Give an age in years from 0 to 30.');
  return years;
}

/** Parses `system|code` of the policy that the site's consent forms refer to. */
export function parsePolicy(text: string): ConsentPolicy {
  const policy = parseConsentPolicy(text);
  if (!policy)
    throw new InvalidArgumentError(
      'Give the system and code of a policy that permits, such as ' +
        'http://terminology.hl7.org/CodeSystem/consentpolicycodes|hipaa-auth.',
    );
  return policy;
}

/** Parses a comma-separated list of reverse proxies. */
export function parseProxyList(text: string): string[] {
  const all = parseProxies(text);
  if (all === undefined) throw new InvalidArgumentError(`They ${proxiesRule}.`);
  return all;
}
