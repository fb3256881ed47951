import { withoutUndefined } from '@loopwell/fhir';
import { readConceptMap, type Site, type SiteChoices, type Translations } from '@loopwell/sdoh';
import { connections, installation, type Tx } from '@loopwell/store';

const noTranslations: Translations = new Map();
let last: { text: string; translations: Translations } | undefined;

/**
 * Reads the site's ConceptMap of its own codes to LOINC. The last map is kept, because a batch has
 * one or two EHRs.
 */
function translationsOf(text: string | null | undefined): Translations {
  if (!text) return noTranslations;
  if (last?.text !== text)
    last = { text, translations: readConceptMap(JSON.parse(text)).translations };
  return last.translations;
}

/**
 * Reads how coding handles a connection: its translations of local codes, and its choices where it
 * differs from the guide's advice.
 */
export const siteOf = (
  siteSettings: Partial<connections.SiteSettings>,
): Site & { translations: Translations } => ({
  translations: translationsOf(siteSettings.concept_map),
  ...(siteSettings.choices ? (JSON.parse(siteSettings.choices) as SiteChoices) : {}),
});

/**
 * Finds the same for the connection with this id, with the system of this database's identifiers;
 * undefined if the tenant has no such connection. Without an id it gives only that system.
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
