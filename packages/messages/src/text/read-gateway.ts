import { type GatewayKind, type GatewayShape, gatewayShapes } from './gateway-shapes.ts';

/** The text gateway of a site. */
export type TextSettings = {
  kind: GatewayKind;
  /** Where texts are posted, without the shape's path. */
  base: string;
  account: string;
  secret: string;
  /** The number that texts come from, as E.164. */
  from: string;
  /** The public key of a gateway that signs with one, in base64. */
  signingKey?: string | undefined;
};

/** Says what the address of a text gateway has to be. */
export const gatewayRule =
  'must be a kind, a plus sign and an address with account and secret, such as ' +
  'twilio+https://account:secret@api.twilio.com; kinds: plain, twilio, telnyx';

/** Says what the number has to be that texts come from. */
export const numberRule = 'must be a number with its country, such as +16125550100';

/** Tells whether a text is a phone number as E.164. */
export const isTextNumber = (text: string): boolean => /^\+[1-9]\d{7,14}$/.test(text);

/** Reads the address of a text gateway; undefined where it is none. */
export function readGateway(
  text: string,
): Pick<TextSettings, 'kind' | 'base' | 'account' | 'secret'> | undefined {
  const [kind = '', address = ''] = text.split(/\+(.*)/s, 2);
  if (!Object.hasOwn(gatewayShapes, kind) || !/^https?:\/\/\S+$/.test(address)) return undefined;
  if (!URL.canParse(address)) return undefined;
  const { username, password, origin, pathname, search, hash } = new URL(address);
  if (password === '' || search !== '' || hash !== '') return undefined;
  return {
    kind: kind as GatewayKind,
    base: `${origin}${pathname}`.replace(/\/+$/, ''),
    account: decodeURIComponent(username),
    secret: decodeURIComponent(password),
  };
}

/** Returns the shape of a kind of gateway. */
export const shapeOf = (kind: GatewayKind): GatewayShape => gatewayShapes[kind];

/** Reads the text at a place of a parsed body; a number is read as its digits. */
export function textAt(body: unknown, place: string): string | undefined {
  let part = body;
  for (const name of place.split('.')) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, name)) return undefined;
    part = (part as Record<string, unknown>)[name];
  }
  if (typeof part === 'number') return String(part);
  return typeof part === 'string' && part !== '' ? part : undefined;
}
