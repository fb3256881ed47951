import type { OutboundFetch } from '@loopwell/outbound';
import type { Sent } from '../message.ts';
import type { GatewayShape } from './gateway-shapes.ts';
import { shapeOf, type TextSettings, textAt } from './read-gateway.ts';

/** Sends texts over the site's gateway. */
export type TextGateway = {
  send: (message: { id: string; to: string; text: string }) => Promise<Sent>;
};

/** Creates the way to a text gateway. `callback` is where it reports what became of a text. */
export function createTextGateway(
  settings: TextSettings,
  { fetch, callback }: { fetch: OutboundFetch; callback: string },
): TextGateway {
  const { base, account, from } = settings;
  const shape = shapeOf(settings.kind);
  const url = base + shape.path.replace('{account}', encodeURIComponent(account));
  return {
    async send(message) {
      const parts = { ...message, from, account, callback: `${callback}?message=${message.id}` };
      const body = bodyOf(shape, parts);
      const answer = await fetch(url, { method: 'POST', headers: headersOf(settings), body });
      return readAnswer(shape, answer);
    },
  };
}

/** Tells whether a gateway knows a text by our id, so that it may be sent twice. */
export const knowsOurIds = ({ kind }: Pick<TextSettings, 'kind'>): boolean =>
  shapeOf(kind).knowsOurId;

function headersOf({ kind, account, secret }: TextSettings): Record<string, string> {
  const { auth, body } = shapeOf(kind);
  const basic = Buffer.from(`${account}:${secret}`).toString('base64');
  return {
    authorization: auth === 'basic' ? `Basic ${basic}` : `Bearer ${secret}`,
    'content-type': body === 'form' ? 'application/x-www-form-urlencoded' : 'application/json',
  };
}

/** Fills the places of a body. What stands for a part is replaced once, whatever the part holds. */
function bodyOf(shape: GatewayShape, parts: Readonly<Record<string, string>>): string {
  const filled = Object.entries(shape.fields).map(([place, pattern]) => [
    place,
    pattern.replace(/\{(\w+)\}/g, (_all, name: string) => parts[name] ?? ''),
  ]);
  const fields: Record<string, string> = Object.fromEntries(filled);
  return shape.body === 'form' ? String(new URLSearchParams(fields)) : JSON.stringify(fields);
}

/** The longest id of a gateway that is kept. */
const longestId = 200;

/** Reads whether a text was taken. The gateway's words stay out: they may name the number. */
function readAnswer(shape: GatewayShape, { status, text }: { status: number; text: string }): Sent {
  const body = parsed(text);
  if (status >= 200 && status < 300) {
    const remoteId = textAt(body, shape.idAt)?.slice(0, longestId);
    return remoteId === undefined ? { state: 'accepted' } : { state: 'accepted', remoteId };
  }
  if (status === 401 || status === 403) return { state: 'failed', code: 'sign-in' };
  const detail = textAt(body, shape.refusalAt);
  const isCode = detail !== undefined && /^[\w-]{1,40}$/.test(detail);
  return isCode
    ? { state: 'failed', code: 'refused', detail }
    : { state: 'failed', code: 'refused' };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
