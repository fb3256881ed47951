import { AppError } from '@loopwell/kit';
import { endpointAddress, parseDirectory } from '@loopwell/sdoh';
import type { PartnerRow } from '@loopwell/store';
import { readJsonFile } from './read-file.ts';

/**
 * `send`: the bearer that we send to a partner. `read`: the bearer that the partner uses on our
 * base.
 */
export type TokenPair = { send?: string; read?: string };

/** The bearers of partners, by Endpoint address. */
export type PartnerTokens = Readonly<Record<string, TokenPair>>;

const invalid = (message: string) => new AppError('CONFIG_INVALID', message);

/**
 * Reads the partners from a file with a directory Bundle.
 * @throws AppError CONFIG_INVALID whose message lists every problem by entry and rule
 */
export function readPartnersFile(file: string, tenant: string): PartnerRow[] {
  return partnerRows(readJsonFile(file, `The partners file ${file}`), tenant);
}

/**
 * Turns a directory Bundle into rows: one for each Organization and Endpoint address, in Bundle
 * order.
 *
 * @throws AppError CONFIG_INVALID whose message lists every problem by entry and rule
 */
export function partnerRows(bundle: unknown, tenant: string): PartnerRow[] {
  const { partners, problems } = parseDirectory(bundle);
  if (problems.length > 0) throw invalid(`The partners file is not usable: ${problems.join(' ')}`);
  return partners.map((partner, position) => {
    const { id, name, address } = partner;
    return { id, tenant, position, name, address, body: JSON.stringify(partner) };
  });
}

/**
 * Reads the bearers of partners: a JSON object of Endpoint address to `{ "send": …, "read": … }`.
 * @throws AppError CONFIG_INVALID for an address that no partner has, which is a mistake or an
 *   attack
 */
export function readPartnerTokensFile(
  file: string,
  partners: readonly PartnerRow[],
): PartnerTokens {
  const parsed = readJsonFile(file, `The partner tokens file ${file}`);
  if (!isObject(parsed)) throw invalid('The partner tokens file must be a JSON object');
  const partnerAddresses = new Set(partners.map((partner) => partner.address));
  const tokens: Record<string, TokenPair> = {};
  for (const [index, [key, pair]] of Object.entries(parsed).entries()) {
    const place = `(entry ${index + 1})`;
    const address = endpointAddress(key);
    if (address === undefined || !partnerAddresses.has(address))
      throw invalid(`The partner tokens file names an address that no partner has ${place}`);
    if (tokens[address]) throw invalid(`The partner tokens file names one address twice ${place}`);
    tokens[address] = requireTokenPair(pair, place);
  }
  return tokens;
}

const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/**
 * Matches a valid bearer (RFC 6750). A message never shows a bearer, because it may be valid at
 * another server.
 */
const bearerPattern = /^[A-Za-z0-9._~+/-]+=*$/;

function requireTokenPair(json: unknown, place: string): TokenPair {
  if (!isObject(json))
    throw invalid(`The partner tokens file must give { "send", "read" } for each address ${place}`);
  const pair: TokenPair = {};
  for (const [name, token] of Object.entries(json)) {
    if (name !== 'send' && name !== 'read')
      throw invalid(`The partner tokens file knows "send" and "read" only ${place}`);
    if (typeof token !== 'string' || !bearerPattern.test(token))
      throw invalid(
        `The partner tokens file must give "${name}" as a bearer: letters, digits and ._~+/-= only ${place}`,
      );
    pair[name] = token;
  }
  return pair;
}
