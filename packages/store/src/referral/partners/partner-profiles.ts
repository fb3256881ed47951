import { mapDefined } from '@loopwell/fhir';
import { newId } from '@loopwell/kit';
import type { PartnerProfile, ProfileEdits, ServiceProfile } from '@loopwell/sdoh';
import { needsSecondFactor, profileOf, requestKindOf } from '@loopwell/sdoh';
import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';
import { loadDirectory, type PartnerRow } from '../partner-directory.ts';

/** What the directory knows about how an Organization works, and what people have written. */
export type StoredProfile = {
  partner: string;
  name: string;
  /** The ways to reach it, in the order of the directory. */
  rows: readonly PartnerRow[];
  services: readonly ServiceProfile[];
  edits: ProfileEdits;
  editedBy?: string;
  editedAt?: Date;
  /** Gives the profile as one category of help sees it; without one, as all do. */
  profile: (category?: string) => PartnerProfile;
};

/** One change of a profile by a person, or by a partner's own word. */
export type ProfileEdit = Pick<Rows['partner_profile_edit'], 'edited_by' | 'edited_at'> & {
  changes: ProfileEdits;
};

/** Loads how the partners of the directory work, by the ids of their Organizations. */
export async function loadProfiles(tx: Tx): Promise<Map<string, StoredProfile>> {
  const listed = await loadDirectory(tx, tx.tenant);
  return profilesIn(tx, listed);
}

/** Tells whether the helpers of a partner need a one-time code. An unknown partner's do. */
export async function needsSecondCode(tx: Tx, partner: string): Promise<boolean> {
  const profile = (await loadProfiles(tx)).get(partner)?.profile();
  return profile === undefined || needsSecondFactor(profile.kind);
}

/** Tells whether a partner gives legal help of a category, whatever else it gives. */
export async function isLegalHelp(tx: Tx, partner: string, category: string): Promise<boolean> {
  const stored = (await loadProfiles(tx)).get(partner);
  if (stored === undefined) return false;
  return requestKindOf(stored.services, stored.edits, category) === 'legal';
}

/**
 * Loads the partners of the directory that may be named: to the person, in a list to choose from,
 * on paper. Confidential ones are not among them (DECISIONS D190).
 */
export async function namedPartners(tx: Tx): Promise<PartnerRow[]> {
  const listed = await loadDirectory(tx, tx.tenant);
  const profiles = await profilesIn(tx, listed);
  return listed.filter(({ id }) => profiles.get(id)?.profile().isConfidential !== true);
}

/** Lists the numbers of confidential partners that give a kind of help, without their names. */
export async function confidentialNumbers(tx: Tx, category: string): Promise<string[]> {
  const profiles = [...(await loadProfiles(tx)).values()];
  const serving = profiles.filter(({ services }) =>
    services.some(({ categories }) => categories.includes(category)),
  );
  const confidential = serving
    .map((stored) => stored.profile(category))
    .filter(({ isConfidential }) => isConfidential);
  return mapDefined(confidential, ({ phone }) => phone);
}

/** Joins rows of the directory with what people have written about their Organizations. */
export async function profilesIn(
  tx: Tx,
  listed: readonly PartnerRow[],
): Promise<Map<string, StoredProfile>> {
  const { rows } = await tx.query<Rows['partner_profile']>(
    'select * from partner_profile where tenant = $tenant',
  );
  const edited = new Map(rows.map((row) => [row.partner, row]));
  const profiles = new Map<string, StoredProfile>();
  for (const [partner, ways] of Map.groupBy(listed, ({ id }) => id))
    profiles.set(partner, storedProfile(partner, ways, edited.get(partner)));
  return profiles;
}

function storedProfile(
  partner: string,
  rows: readonly PartnerRow[],
  edited: Rows['partner_profile'] | undefined,
): StoredProfile {
  const services = rows.flatMap(servicesOf);
  const edits = editsIn(edited?.edits);
  return {
    partner,
    name: rows[0]?.name ?? partner,
    rows,
    services,
    edits,
    ...(edited && { editedBy: edited.edited_by, editedAt: edited.edited_at }),
    profile: (category) => profileOf(services, edits, category),
  };
}

/** Reads the services of a row; a row of before has none written, and is one without details. */
function servicesOf({ id, body, address: at }: PartnerRow): readonly ServiceProfile[] {
  const written = JSON.parse(body) as Partial<Pick<ServiceProfile, 'categories'>> & {
    services?: readonly ServiceProfile[];
  };
  const { services, categories = [] } = written;
  const listed = services ?? [{ service: id, categories, places: [] }];
  return listed.map((service) => ({ ...service, at }));
}

const editsIn = (text: string | undefined): ProfileEdits =>
  text === undefined ? {} : (JSON.parse(text) as ProfileEdits);

/** An edit of a profile: whose it is, what is written, and who says so. */
export type NewProfileEdit = {
  partner: string;
  changes: ProfileEdits;
  by: string;
  now: Date;
};

/**
 * Writes what somebody says about a partner. Fields that the change does not name stay as they are.
 * The directory's file does not touch it. Whoever calls makes waiting referrals due (`wake`).
 */
export async function editProfile(tx: Tx, edit: NewProfileEdit): Promise<void> {
  const { partner, changes, by, now } = edit;
  const written = JSON.stringify(changes);
  await tx.query(
    `insert into partner_profile (tenant, partner, edits, edited_by, edited_at)
     values ($tenant, $1, $2, $3, $4)
     on conflict (tenant, partner) do update
       set edits = (partner_profile.edits::jsonb || excluded.edits::jsonb)::text,
           edited_by = excluded.edited_by, edited_at = excluded.edited_at`,
    [partner, written, by, now],
  );
  await tx.query(
    `insert into partner_profile_edit (tenant, id, partner, changes, edited_by, edited_at)
     values ($tenant, $1, $2, $3, $4, $5)`,
    [newId(), partner, written, by, now],
  );
}

/** A word that a partner takes nothing new until a moment, or with null that it does again. */
export type Pause = { partner: string; until: Date | null; saidBy: string; now: Date };

/**
 * Stops or starts what is new for a partner. Its word that it takes requests again is a word about
 * its capacity, too. Whoever calls makes waiting referrals due (`wake`).
 */
export async function pausePartner(tx: Tx, pause: Pause): Promise<void> {
  const { partner, until, saidBy, now } = pause;
  const open: ProfileEdits = {
    pausedUntil: null,
    capacity: { code: 'capacity', saidBy, saidAt: now.toISOString() },
  };
  const changes = until === null ? open : { pausedUntil: until.toISOString() };
  await editProfile(tx, { partner, changes, by: saidBy, now });
}

/** Lists the latest changes of a profile, the newest first. */
export async function latestEdits(tx: Tx, partner: string, limit: number): Promise<ProfileEdit[]> {
  const { rows } = await tx.query<Rows['partner_profile_edit']>(
    `select * from partner_profile_edit where tenant = $tenant and partner = $1
      order by edited_at desc, id limit $2`,
    [partner, limit],
  );
  return rows.map(({ changes, edited_by, edited_at }) => ({
    changes: editsIn(changes),
    edited_by,
    edited_at,
  }));
}
