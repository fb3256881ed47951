import { readFileSync } from 'node:fs';
import { AppError } from '@loopwell/kit';
import { parseDirectory } from '@loopwell/sdoh';
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
export function readPartners(file: string | undefined, organisation: string): PartnerRow[] {
  return file === undefined ? [] : partnerRows(readJson(file, 'The partners file'), organisation);
}

export function partnerRows(bundle: unknown, organisation: string): PartnerRow[] {
  const { partners, problems } = parseDirectory(bundle);
  if (problems.length > 0) throw invalid(`The partners file is not usable: ${problems.join(' ')}`);
  const merged = new Map<string, (typeof partners)[number]>();
  for (const one of partners) {
    const known = merged.get(one.id);
    merged.set(one.id, known ? { ...known, categories: [...new Set([...known.categories, ...one.categories])] } : one);
  }
  return [...merged.values()].map((one, position) => ({ id: one.id, organisation, position, name: one.name, address: one.address, body: JSON.stringify(one) }));
}

/** Tokens that nobody asked for are refused: an address in the file that no partner has is a mistake, or worse. */
export function readTokens(file: string | undefined, partners: readonly PartnerRow[]): PartnerTokens {
  if (file === undefined) return {};
  const parsed = readJson(file, 'The partner tokens file');
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw invalid('The partner tokens file must be a JSON object');
  const known = new Set(partners.map((one) => one.address));
  const tokens: Record<string, { send?: string; read?: string }> = {};
  for (const [address, value] of Object.entries(parsed as Record<string, unknown>)) {
    const trimmed = address.replace(/\/+$/, '');
    if (!known.has(trimmed)) throw invalid('The partner tokens file names an address that no partner has');
    const { send, read } = (value ?? {}) as { send?: unknown; read?: unknown };
    if ((send !== undefined && typeof send !== 'string') || (read !== undefined && typeof read !== 'string')) {
      throw invalid('The partner tokens file must give "send" and "read" as text');
    }
    tokens[trimmed] = { ...(send ? { send } : {}), ...(read ? { read } : {}) };
  }
  return tokens;
}
