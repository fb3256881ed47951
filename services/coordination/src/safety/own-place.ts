import { type SiteFields, siteSettingsOf } from '@loopwell/sdoh';
import { site, type Tx } from '@loopwell/store';

/**
 * Makes the check whether a place has the site's own name. Any other name of the chart may be that
 * of a shelter, so that no page shows it before somebody opens it.
 */
export async function ownPlaceCheck(tx: Tx): Promise<(place: string | undefined) => boolean> {
  const row = await site.readSite(tx);
  const { name } = siteSettingsOf(JSON.parse(row?.settings ?? '{}') as SiteFields);
  const siteName = name.trim().toLowerCase();
  return (place) => place?.trim().toLowerCase() === siteName;
}
