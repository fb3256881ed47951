import { createHash, timingSafeEqual } from 'node:crypto';

/** A mail that came back: the id of our message, and the code of the failure. */
export type Bounce = { id: string; code: string | null };

const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** Tells whether a header carries a secret. It takes as long for one that is nearly right. */
export function isBearer(header: string | undefined, secret: string | undefined): boolean {
  const bearer = /^Bearer (\S+)$/i.exec(header ?? '')?.[1] ?? '';
  const isRight = timingSafeEqual(digestOf(bearer), digestOf(secret ?? ''));
  return isRight && Boolean(secret);
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Reads a bounce: a report of a mail server (RFC 3464) as it came, or JSON with `id`, `status`
 * (`bounced`) and `code`. Undefined where a mail was only delayed, or is none of ours.
 */
export function readBounce(body: string, contentType: string): Bounce | undefined {
  const isJson = /\bjson\b/i.test(contentType);
  return isJson ? readJson(body) : readReport(body);
}

function readJson(body: string): Bounce | undefined {
  let read: unknown;
  try {
    read = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { id, status, code } = (read ?? {}) as Record<string, unknown>;
  if (status !== 'bounced' || typeof id !== 'string') return undefined;
  const pattern = new RegExp(`^<?(${uuid})(@[^\\s<>]*)?>?$`);
  const ours = pattern.exec(id)?.[1];
  if (ours === undefined) return undefined;
  return {
    id: ours,
    code: statusCode(String(code ?? '')),
  };
}

/** Takes the id of ours that the report quotes; a failure has the status 5 (RFC 3463). */
function readReport(body: string): Bounce | undefined {
  if (!/^Action:\s*failed\b/im.test(body)) return undefined;
  const pattern = new RegExp(`^(?:Original-)?Message-ID:\\s*<(${uuid})@`, 'im');
  const id = pattern.exec(body)?.[1];
  if (id === undefined) return undefined;
  const status = /^Status:\s*([\d.]+)/im.exec(body)?.[1];
  return {
    id,
    code: statusCode(status ?? ''),
  };
}

const statusCode = (text: string): string | null => (/^[\w.-]{1,40}$/.test(text) ? text : null);
