import { withoutUndefined } from '@loopwell/fhir';
import { readConceptMap, type Site, type SiteChoices, type Translations } from '@loopwell/sdoh';
import { connections, installation, type Tx } from '@loopwell/store';

const noTranslations: Translations = new Map();
let last: { text: string; translations: Translations } | undefined;

/**
 * The site's own codes in LOINC. A batch is of one EHR or two: the map that was read last is kept.
 */
function translationsOf(text: string | null | undefined): Translations {
  if (!text) return noTranslations;
  if (last?.text !== text)
    last = { text, translations: readConceptMap(JSON.parse(text)).translations };
  return last.translations;
}

/**
 * How coding reads what comes by a connection: the site's own codes, and what it wants otherwise
 * than the guide advises.
 */
export const siteOf = (
  siteSettings: Partial<connections.SiteSettings>,
): Site & { translations: Translations } => ({
  translations: translationsOf(siteSettings.concept_map),
  ...(siteSettings.choices ? (JSON.parse(siteSettings.choices) as SiteChoices) : {}),
});

/**
 * The same for a connection that is named by its id, with the system of this database's
 * identifiers; undefined where the tenant has no such connection. Without an id, nothing but that
 * system.
 */
export async function findSite(
  tx: Tx,
  tenant: string,
  id: string | undefined,
  timeZone?: string,
): Promise<Site | undefined> {
  const settings = id === undefined ? {} : await connections.loadSite(tx, tenant, id);
  return (
    settings && {
      ...withoutUndefined({ timeZone }),
      ...siteOf(settings),
      identifierSystem: await installation.identifierSystem(tx),
    }
  );
}
