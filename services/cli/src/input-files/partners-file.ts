import { AppError } from '@loopwell/kit';
import { channels } from '@loopwell/partners';
import { partnerRowsOf } from '@loopwell/referral';
import { endpointAddress, parseDirectory } from '@loopwell/sdoh';
import type { DirectoryProblem, NewPartner } from '@loopwell/store';
import { readJsonFile } from './read-file.ts';

/**
 * `send`: the bearer that we send to a partner. `read`: the bearer that the partner uses on our
 * base.
 */
export type TokenPair = { send?: string; read?: string };

/** The bearers of partners, by Endpoint address. */
export type PartnerTokens = Readonly<Record<string, TokenPair>>;

const invalid = (message: string) => new AppError('CONFIG_INVALID', message);

/** The partners of a file, and its services that cannot be used here. */
export type PartnersFile = { partners: NewPartner[]; problems: DirectoryProblem[] };

/**
 * Reads the partners from a file with a directory Bundle.
 * @throws AppError CONFIG_INVALID whose message lists every problem by entry and rule
 */
export function readPartnersFile(file: string, tenant: string): PartnersFile {
  return partnersIn(readJsonFile(file, `The partners file ${file}`), tenant);
}

/**
 * Turns a directory Bundle into rows: one for each Organization and Endpoint address, in Bundle
 * order. Secret settings are not sealed yet.
 *
 * @throws AppError CONFIG_INVALID whose message lists every problem by entry and rule
 */
export const partnerRows = (bundle: unknown, tenant: string): NewPartner[] =>
  partnersIn(bundle, tenant).partners;

function partnersIn(bundle: unknown, tenant: string): PartnersFile {
  const { partners, problems, listed } = parseDirectory(bundle, channels);
  if (problems.length > 0) throw invalid(`The partners file is not usable: ${problems.join(' ')}`);
  return { partners: partnerRowsOf(partners, tenant), problems: listed };
}

/**
 * Reads the bearers of partners: a JSON object of Endpoint address to `{ "send": …, "read": … }`.
 * @throws AppError CONFIG_INVALID for an address that no partner has, which is a mistake or an
 *   attack
 */
export function readPartnerTokensFile(
  file: string,
  partners: readonly Pick<NewPartner, 'address' | 'kind'>[],
): PartnerTokens {
  const parsed = readJsonFile(file, `The partner tokens file ${file}`);
  if (!isObject(parsed)) throw invalid('The partner tokens file must be a JSON object');
  const kinds = new Map(partners.map(({ address, kind }) => [address, kind ?? 'fhir-rest']));
  const tokens: Record<string, TokenPair> = {};
  for (const [index, [key, pair]] of Object.entries(parsed).entries()) {
    const place = `(entry ${index + 1})`;
    const address = endpointAddress(key) ?? key;
    const kind = kinds.get(address);
    if (kind === undefined)
      throw invalid(`The partner tokens file names an address that no partner has ${place}`);
    if (tokens[address]) throw invalid(`The partner tokens file names one address twice ${place}`);
    tokens[address] = requireTokenPair(pair, place);
    if (tokens[address].send !== undefined && channels[kind]?.address !== 'http')
      throw invalid(
        `Nothing is sent to a partner of the kind ${kind}, so it has no "send" ${place}`,
      );
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
        `The partner tokens file must give "${name}" as a bearer: letters, digits and ` +
          `._~+/-= only ${place}`,
      );
    pair[name] = token;
  }
  return pair;
}
