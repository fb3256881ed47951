import { mapDefined } from '@loopwell/fhir';
import { type Problem, RequestProblems } from '@loopwell/http';
import { AppError, newId } from '@loopwell/kit';
import type { operations } from '@loopwell/openapi/generated/referral.ts';
import type { Outbound } from '@loopwell/outbound';
import type { ChannelShelf } from '@loopwell/partners';
import type { NudgeFunction } from '@loopwell/pipeline';
import { endpointAddress, parseDirectory, type ReachedPartner } from '@loopwell/sdoh';
import {
  type Database,
  directory,
  ledger,
  type PartnerRow,
  partnerAccess,
  partnerBearers,
  placeOfBearer,
  type Secrets,
  type Tx,
  wake,
} from '@loopwell/store';
import { type DirectoryView, readDirectory } from './directory-view.ts';
import { partnerRowsOf } from './partner-rows.ts';
import { sealSettings, waysOf } from './partner-settings.ts';

export type DirectoryDeps = {
  db: Database;
  nudge: NudgeFunction;
  outbound: Outbound;
  secrets: Secrets;
  shelf: ChannelShelf;
};

type Who = { id: string; tenant: string };

/**
 * Replaces the directory. Referrals that waited for a partner have their gates checked again.
 *
 * DECISIONS D17.
 * @throws RequestProblems naming each service that is wrong and the rule; nothing is changed then
 */
export async function replaceDirectory(
  deps: DirectoryDeps,
  who: Who,
  bundle: unknown,
): Promise<DirectoryView> {
  const { partners, problems, listed } = parseDirectory(bundle, deps.shelf);
  const wrong = [
    ...problems.map(problemOf),
    ...partners.flatMap((partner) => addressProblems(deps, partner)),
  ];
  if (wrong.length > 0)
    throw new RequestProblems('The directory is not usable; nothing was changed', wrong);
  const rows = sealSettings(partnerRowsOf(partners, who.tenant), deps.shelf, deps.secrets);
  return change(deps, who, 'directory', (tx) =>
    directory.saveDirectory(tx, who.tenant, rows, listed),
  );
}

/**
 * Makes a problem of a sentence such as `HealthcareService pantry: it has no category.`: the path
 * and the rule.
 */
function problemOf(sentence: string): Problem {
  const [where = '', rule] = sentence.split(': ');
  return rule === undefined
    ? { path: '/body/entry', rule: sentence }
    : { path: `/body/entry/${where.replace(' ', '/')}`, rule };
}

/** Lists the ways of a partner whose address we would not open. */
function addressProblems({ outbound, shelf }: DirectoryDeps, { id, ways }: ReachedPartner) {
  const sent = ways.filter(({ kind }) => shelf[kind]?.address === 'http');
  const isRefused = ({ address }: { address: string }) => {
    try {
      outbound.checkUrl(address);
      return false;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return true;
    }
  };
  const path = `/body/entry/Organization/${id}`;
  return sent.filter(isRefused).map((): Problem => ({ path, rule: addressRefused }));
}

const addressRefused =
  'the address of its Endpoint is refused (private network, or not named in PRIVATE_ORIGINS)';

/**
 * Bearers by Endpoint address, as `openapi/referral.yaml` describes them. The request was already
 * checked against it.
 */
type Tokens = operations['replaceDirectoryTokens']['requestBody']['content']['application/json'];

/**
 * Replaces all bearers. A bearer for an unknown address is refused, and so is one that two partners
 * share, because each could read the other's data. An empty set has to be asked for by name.
 *
 * @param mayEmpty true if the caller knows that no bearer is left of one kind
 * @throws RequestProblems naming each entry that is wrong; AppError CONFLICT if all of one kind
 *   would go
 */
export async function replaceTokens(
  deps: DirectoryDeps,
  who: Who,
  tokens: Tokens,
  mayEmpty = false,
): Promise<DirectoryView> {
  const entries = Object.entries(tokens).map(([address, bearers]) => ({
    written: address,
    address: endpointAddress(address) ?? address,
    ...bearers,
  }));
  return change(deps, who, 'directory-tokens', async (tx) => {
    const partners = await directory.loadDirectory(tx, who.tenant);
    const problems = tokenProblems(entries, partners, deps.shelf);
    if (problems.length > 0)
      throw new RequestProblems('The tokens are not usable; nothing was changed', problems);
    if (!mayEmpty) await refuseEmptying(tx, who.tenant, entries);
    const sealed = mapDefined(entries, ({ address, send }) => {
      if (send === undefined) return undefined;
      const place = placeOfBearer({ tenant: who.tenant, address });
      return {
        address,
        send: deps.secrets.seal(send, place),
      };
    });
    await partnerBearers.savePartnerBearers(tx, who.tenant, sealed);
    const reads = new Map(
      mapDefined(entries, ({ address, read }) =>
        read === undefined ? undefined : ([address, read] as const),
      ),
    );
    await grantReads(tx, who.tenant, partners, reads);
  });
}

/** Refuses a change that would remove every bearer of one kind. */
async function refuseEmptying(
  tx: Tx,
  tenant: string,
  entries: readonly TokenEntry[],
): Promise<void> {
  const sends = (await partnerBearers.loadPartnerBearers(tx, tenant)).length;
  const reads = (await partnerAccess.addressesWithAccess(tx, tenant)).size;
  const gone = [
    ...(sends > 0 && entries.every((one) => one.send === undefined) ? ['send'] : []),
    ...(reads > 0 && entries.every((one) => one.read === undefined) ? ['read'] : []),
  ];
  if (gone.length === 0) return;
  throw new AppError(
    'CONFLICT',
    'This would take away every bearer of one kind; nothing was changed. Ask again with ' +
      '?empty=true if you mean it',
    {
      facts: { gone: gone.join(' and '), sends, reads },
    },
  );
}

type TokenEntry = {
  written: string;
  address: string;
  send?: string | undefined;
  read?: string | undefined;
};

function tokenProblems(
  entries: readonly TokenEntry[],
  partners: readonly PartnerRow[],
  shelf: ChannelShelf,
): Problem[] {
  const ways = partners.flatMap(waysOf);
  const kinds = new Map(ways.map(({ address, kind }) => [address, kind]));
  const reads = entries.flatMap(({ read }) => read ?? []);
  const isShared = (read: string | undefined) =>
    read !== undefined && reads.filter((other) => other === read).length > 1;
  const problems: Problem[] = [];
  for (const { written, address, send, read } of entries) {
    const path = `/body/${written}`;
    const kind = kinds.get(address);
    if (kind === undefined)
      problems.push({ path, rule: 'no partner of the directory has this address' });
    else if (send !== undefined && shelf[kind]?.address !== 'http')
      problems.push({ path: `${path}/send`, rule: 'nothing is sent to a partner of this kind' });
    if (isShared(read))
      problems.push({ path: `${path}/read`, rule: 'another partner has the same bearer' });
  }
  return problems;
}

/** A partner with its first address, and with the others where its body names them. */
type Reachable = Pick<PartnerRow, 'id' | 'address'> & Partial<Pick<PartnerRow, 'body'>>;

/** Grants exactly the given bearers, each to the partners at its addresses. */
export async function grantReads(
  tx: Tx,
  tenant: string,
  partners: readonly Reachable[],
  reads: ReadonlyMap<string, string>,
): Promise<void> {
  const places = partners.flatMap(({ id, address, body = '{}' }) => {
    const { ways = [] } = JSON.parse(body) as { ways?: { address: string }[] };
    const addresses = new Set([address, ...ways.map((way) => way.address)]);
    return [...addresses].map((reached) => ({ id, address: reached }));
  });
  await partnerAccess.endPartnerAccess(tx, tenant);
  for (const grant of readGrants(places, reads))
    await partnerAccess.grantPartnerAccess(tx, { tenant, ...grant });
}

/** One bearer of partners, with the Endpoint addresses that it was given for. */
export type ReadGrant = {
  secret: string;
  principal: string;
  belongsTo: { address: string; partner: string }[];
};

/**
 * Groups partners by bearer. Organizations that share an Endpoint share its bearer. A bearer that
 * is given for several addresses belongs to the partners of all of them. DECISIONS D144.
 *
 * @param reads Endpoint address → bearer
 */
export function readGrants(
  partners: readonly Pick<PartnerRow, 'id' | 'address'>[],
  reads: ReadonlyMap<string, string>,
): ReadGrant[] {
  const secrets = new Set(partners.flatMap((one) => reads.get(one.address) ?? []));
  return [...secrets].map((secret) => {
    const sharing = partners.filter((one) => reads.get(one.address) === secret);
    const ids = [...new Set(sharing.map((one) => one.id))].sort();
    const belongsTo = sharing.map(({ address, id }) => ({ address, partner: id }));
    return { secret, principal: `partner:${ids.join('+')}`, belongsTo };
  });
}

/** Records a change of the directory in one transaction, and makes waiting referrals due. */
async function change(
  deps: DirectoryDeps,
  who: Who,
  subject: string,
  work: (tx: Tx) => Promise<void>,
): Promise<DirectoryView> {
  const batch = newId();
  const view = await deps.db.tx(async (tx) => {
    await work(tx);
    await ledger.appendHistory(tx, [
      {
        tenant: who.tenant,
        stage: 'refer',
        subject,
        outcome: 'configured',
        trace: newId(),
        principal: who.id,
      },
    ]);
    await wake(tx, who.tenant, batch);
    return readDirectory(tx, who.tenant, deps.shelf);
  });
  await deps.nudge([{ stage: 'refer', batch }]);
  return view;
}
