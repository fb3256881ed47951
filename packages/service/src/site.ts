import {
  type SiteFields,
  type SiteSettings,
  siteFieldNames,
  siteProblems,
  siteSettingsOf,
} from '@loopwell/sdoh';
import { type Database, site } from '@loopwell/store';

/** What the site decides, as it counts now. DECISIONS D147. */
export type Site = {
  /** Returns the settings, which are at most two seconds old. */
  settings: () => SiteSettings;
  /** Reads them again at once, after a change. */
  refresh: () => Promise<void>;
};

/** A site that the host has opened. */
export type OpenSite = Site & {
  /** Writes what the process was told and the row does not have yet; later calls do nothing. */
  seed: () => Promise<void>;
  close: () => Promise<void>;
};

/** How often the row is read again. */
const everyMs = 2_000;

/** Returns the fields of a row. */
export const fieldsOfSite = (row: { settings: string } | undefined): SiteFields =>
  JSON.parse(row?.settings ?? '{}') as SiteFields;

/**
 * Opens the settings of this tenant's site. Until the database is migrated, what the process was
 * told counts.
 *
 * @param seeds what flags and environment say
 * @param tell says a sentence to the operator: which of the seeds do not count, and why
 */
export function openSite(
  db: Database,
  seeds: SiteFields,
  tell: (sentence: string) => void,
): OpenSite {
  let current = siteSettingsOf(seeds);
  let timer: NodeJS.Timeout | undefined;
  let reading: Promise<void> | undefined;
  const take = (row: { settings: string }) => {
    const fields = fieldsOfSite(row);
    // A value of another version of Loopwell that we do not understand is not guessed at.
    for (const { field } of siteProblems(fields)) delete fields[field];
    current = siteSettingsOf(fields);
  };
  const read = async () => {
    const row = await site.readSite(db);
    if (row !== undefined) take(row);
  };
  const readAgain = () => {
    timer = setTimeout(() => {
      reading = read()
        .catch(() => {})
        .then(readAgain);
    }, everyMs).unref();
  };
  return {
    settings: () => current,
    refresh: read,
    async seed() {
      if (timer !== undefined) return;
      const row = await db.tx((tx) => site.seedSite(tx, seeds, 'system:loopwell'));
      take(row);
      for (const sentence of unusedSeeds(seeds, fieldsOfSite(row))) tell(sentence);
      readAgain();
    },
    async close() {
      clearTimeout(timer);
      await reading;
      clearTimeout(timer);
    },
  };
}

/** Says which of the seeds do not count, since the site has decided otherwise before. */
function unusedSeeds(seeds: SiteFields, stored: SiteFields): string[] {
  return siteFieldNames
    .filter((name) => seeds[name] !== undefined && stored[name] !== seeds[name])
    .map(
      (name) =>
        `${name} stays ${JSON.stringify(stored[name] ?? null)}, as this site has set it; ` +
        'change it on the page /console/site',
    );
}
