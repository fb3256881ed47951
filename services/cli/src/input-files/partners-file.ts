import { readFileSync } from 'node:fs';
import { AppError } from '@loopwell/kit';
import { endpointAddress, parseDirectory } from '@loopwell/sdoh';
import type { PartnerRow } from '@loopwell/store';

/** Endpoint address → bearer that we send, bearer that the partner uses on our base. */
export type PartnerTokens = Readonly<Record<string, { send?: string; read?: string }>>;

const invalid = (message: string) => new AppError('CONFIG_INVALID', message);

function readJson(file: string, what: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as unknown;
  } catch {
    throw invalid(`${what} ${file} cannot be read as JSON`);
  }
}

/** @throws AppError CONFIG_INVALID whose message lists every problem by entry and rule */
export function readPartners(file: string | undefined, tenant: string): PartnerRow[] {
  return file === undefined ? [] : partnerRows(readJson(file, 'The partners file'), tenant);
}

/** One row for each Organization and Endpoint address, in Bundle order. */
export function partnerRows(bundle: unknown, tenant: string): PartnerRow[] {
  const { partners, problems } = parseDirectory(bundle);
  if (problems.length > 0) throw invalid(`The partners file is not usable: ${problems.join(' ')}`);
  return partners.map((one, position) => ({
    id: one.id,
    tenant,
    position,
    name: one.name,
    address: one.address,
    body: JSON.stringify(one),
  }));
}

/** Tokens that nobody asked for are refused: an address in the file that no partner has is a mistake, or worse. */
export function readTokens(
  file: string | undefined,
  partners: readonly PartnerRow[],
): PartnerTokens {
  if (file === undefined) return {};
  const parsed = readJson(file, 'The partner tokens file');
  if (!isObject(parsed)) throw invalid('The partner tokens file must be a JSON object');
  const known = new Set(partners.map((one) => one.address));
  const tokens: Record<string, { send?: string; read?: string }> = {};
  for (const [index, [given, value]] of Object.entries(parsed).entries()) {
    const address = endpointAddress(given);
    if (address === undefined || !known.has(address)) {
      throw invalid(
        `The partner tokens file names an address that no partner has (entry ${index + 1})`,
      );
    }
    if (tokens[address])
      throw invalid(`The partner tokens file names one address twice (entry ${index + 1})`);
    tokens[address] = tokenPair(value, index + 1);
  }
  return tokens;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 6750: what a bearer may be made of. A message never shows the value, which may be a good one for somewhere else. */
const bearer = /^[A-Za-z0-9._~+/-]+=*$/;

function tokenPair(value: unknown, entry: number): { send?: string; read?: string } {
  if (!isObject(value))
    throw invalid(
      `The partner tokens file must give { "send", "read" } for each address (entry ${entry})`,
    );
  for (const [name, token] of Object.entries(value)) {
    if (name !== 'send' && name !== 'read')
      throw invalid(`The partner tokens file knows "send" and "read" only (entry ${entry})`);
    if (typeof token !== 'string' || !bearer.test(token)) {
      throw invalid(
        `The partner tokens file must give "${name}" as a bearer: letters, digits and ._~+/-= only (entry ${entry})`,
      );
    }
  }
  const { send, read } = value as { send?: string; read?: string };
  return { ...(send === undefined ? {} : { send }), ...(read === undefined ? {} : { read }) };
}
