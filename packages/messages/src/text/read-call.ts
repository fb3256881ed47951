import type { GatewayShape } from './gateway-shapes.ts';
import { isTextNumber, shapeOf, type TextSettings, textAt } from './read-gateway.ts';
import { type GatewayCall, isSigned } from './signature.ts';

/** A text that somebody sent to our number. */
export type ReceivedText = { id: string; from: string; text: string; sentAt?: Date };

/** What a carrier says of a text that we sent. `id` is the gateway's. */
export type TextReport = { id: string; state: 'delivered' | 'refused'; code?: string };

/** What a call of the gateway says. `nothing`: it is signed, and tells nothing that we keep. */
export type ReadCall =
  | { kind: 'text'; text: ReceivedText }
  | { kind: 'report'; report: TextReport }
  | { kind: 'nothing' }
  | { kind: 'unsigned' };

/** The longest id that is kept, and the longest text. */
const [longestId, longestText] = [200, 2_000];

/**
 * Reads a call of the gateway by its shape.
 *
 * @param door what the address is for that was called; a gateway that has one address for all says
 *   itself what a call is
 */
export function readCall(
  settings: TextSettings,
  call: GatewayCall,
  door: 'text' | 'report',
): ReadCall {
  const shape = shapeOf(settings.kind);
  const key = settings.signingKey ?? settings.secret;
  if (!isSigned(shape.signature, call, key)) return { kind: 'unsigned' };
  const body = parsedBody(shape, call.body);
  const { isReply } = shape;
  const isText = isReply ? textAt(body, isReply.at) === isReply.is : door === 'text';
  return isText ? readText(shape, body) : readReport(shape, body);
}

function parsedBody(shape: GatewayShape, text: string): unknown {
  if (shape.body === 'form') return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readText({ reply }: GatewayShape, body: unknown): ReadCall {
  const id = textAt(body, reply.id);
  const from = textAt(body, reply.from);
  if (id === undefined || id.length > longestId || from === undefined || !isTextNumber(from))
    return { kind: 'nothing' };
  const text = kept(textAt(body, reply.text) ?? '');
  const sentAt = new Date((reply.sentAt && textAt(body, reply.sentAt)) ?? Number.NaN);
  const isKnown = Number.isFinite(sentAt.getTime());
  return { kind: 'text', text: isKnown ? { id, from, text, sentAt } : { id, from, text } };
}

/** Leaves out what no database can store, and what is too long to be read. */
function kept(text: string): string {
  const stored = text.toWellFormed().replaceAll('\0', '');
  // A letter that takes two places may be cut.
  return stored.slice(0, longestText).toWellFormed();
}

function readReport({ report }: GatewayShape, body: unknown): ReadCall {
  const id = textAt(body, report.id);
  const status = textAt(body, report.status) ?? '';
  const state = Object.hasOwn(report.states, status) ? report.states[status] : undefined;
  if (id === undefined || id.length > longestId || state === undefined || state === 'sent')
    return { kind: 'nothing' };
  const code = textAt(body, report.code);
  const isCode = code !== undefined && /^[\w-]{1,40}$/.test(code);
  return { kind: 'report', report: isCode ? { id, state, code } : { id, state } };
}
