import { type Principal, type Problem, RequestProblems } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { type DutyPerson, type OnDutyList, onDutyProblems } from '@loopwell/sdoh';
import {
  type Database,
  type OnDutyRow,
  onDuty,
  placeOfDutyWebhook,
  type Secrets,
  type Tx,
} from '@loopwell/store';

/** What changing the list needs: `checkUrl` refuses addresses that are never called. */
export type OnDutyDeps = {
  db: Database;
  secrets: Secrets | undefined;
  checkUrl: (url: string) => URL;
};

/** The list as it is stored: secrets are sealed. */
export type StoredList = {
  version: number;
  people: readonly DutyPerson[];
  phone: string | undefined;
  changedAt: Date | undefined;
  changedBy: string | undefined;
};

/** A change of the list. A webhook without a secret keeps the one that its address has. */
export type OnDutyChange = OnDutyList & { version?: number | undefined };

const listOf = (row: OnDutyRow | undefined): StoredList => ({
  version: row?.version ?? 0,
  people: JSON.parse(row?.people ?? '[]') as DutyPerson[],
  phone: row?.phone ?? undefined,
  changedAt: row?.changed_at,
  changedBy: row?.changed_by,
});

/** Reads who is on duty, with sealed secrets. */
export const readOnDutyList = async (tx: Tx): Promise<StoredList> =>
  listOf(await onDuty.readOnDuty(tx));

/** One version of the list, for its history. It names nobody. */
export type OnDutyVersion = { version: number; at: Date; by: string; people: number };

/** How many versions are shown. */
const shownVersions = 20;

/** Lists who changed the list when, newest first. */
export async function readOnDutyVersions(tx: Tx): Promise<OnDutyVersion[]> {
  const rows = await onDuty.onDutyVersions(tx, shownVersions);
  return rows.map((row) => ({
    version: row.version,
    at: row.changed_at,
    by: row.changed_by,
    people: listOf(row).people.length,
  }));
}

/**
 * Changes who is on duty. Secrets are sealed before they are stored, and are never shown again.
 *
 * @throws RequestProblems naming each field that breaks its rule; then nothing was changed
 * @throws AppError CONFLICT where somebody has changed another version meanwhile
 */
export async function changeOnDutyList(
  deps: OnDutyDeps,
  who: Pick<Principal, 'id'>,
  change: OnDutyChange,
): Promise<StoredList> {
  requireNoProblems([...onDutyProblems(change), ...addressProblems(deps, change.people)]);
  const row = await deps.db.tx(async (tx) => {
    const before = listOf(await onDuty.lockOnDuty(tx, who.id));
    const people = sealedPeople(deps, tx.tenant, change.people, before.people);
    return onDuty.changeOnDuty(tx, {
      version: change.version,
      people,
      phone: change.phone,
      by: who.id,
    });
  });
  return listOf(row);
}

/** Throws where there are problems, each with its place in a request. */
function requireNoProblems(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const placed = problems.map(({ path, rule }) => ({ path: `/body${path}`, rule }));
  throw new RequestProblems('The list cannot be like this', placed);
}

/** Lists the webhooks whose address is never called. */
function addressProblems({ checkUrl }: OnDutyDeps, people: readonly DutyPerson[]): Problem[] {
  const problems: Problem[] = [];
  for (const [index, { webhook }] of people.entries()) {
    const rule = webhook && addressRule(checkUrl, webhook.url);
    if (rule !== undefined) problems.push({ path: `/people/${index}/webhook/url`, rule });
  }
  return problems;
}

const addressRules: Readonly<Record<string, string>> = {
  'plain-http': 'must be an https address',
  'private-network': 'must be a public address, or one that PRIVATE_ORIGINS names',
  'credentials-in-url': 'must not have a name or a password in it',
};

function addressRule(checkUrl: OnDutyDeps['checkUrl'], url: string): string | undefined {
  try {
    checkUrl(url);
    return undefined;
  } catch (error) {
    // What is no address at all is said by its own rule.
    if (!(error instanceof AppError) || error.facts.reason === 'not-a-url') return undefined;
    return addressRules[String(error.facts.reason)] ?? 'must be an address that may be called';
  }
}

/** Seals new secrets, and takes over the stored ones of addresses that stay. */
function sealedPeople(
  { secrets }: OnDutyDeps,
  tenant: string,
  people: readonly DutyPerson[],
  before: readonly DutyPerson[],
): DutyPerson[] {
  const stored = new Map(before.map(({ webhook }) => [webhook?.url, webhook?.secret]));
  const problems: Problem[] = [];
  const sealed = people.map((person, index) => {
    const { webhook } = person;
    if (webhook === undefined) return person;
    const { url, secret } = webhook;
    const earlier = stored.get(url);
    if (secret === undefined && earlier === undefined)
      problems.push({
        path: `/people/${index}/webhook/secret`,
        rule: 'must be there: no secret is stored for this address',
      });
    const next = secret === undefined ? earlier : seal(secrets, secret, { tenant, url });
    return { ...person, webhook: { url, secret: next } };
  });
  requireNoProblems(problems);
  return sealed;
}

function seal(
  secrets: Secrets | undefined,
  secret: string,
  place: { tenant: string; url: string },
): string {
  if (secrets === undefined)
    throw new AppError('CONFIG_INVALID', 'Secrets need LOOPWELL_SECRET_KEY, which is not set');
  return secrets.seal(secret, placeOfDutyWebhook(place));
}
