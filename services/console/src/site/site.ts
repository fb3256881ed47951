import { identifierSystemProblem } from '@loopwell/fhir';
import { type Principal, type Problem, RequestProblems } from '@loopwell/http';
import {
  deadlineText,
  durationText,
  type SiteFields,
  type SiteSettings,
  siteFieldNames,
  siteProblems,
  siteSettingsOf,
  tryBudgetText,
} from '@loopwell/sdoh';
import { fieldsOfSite, type Site } from '@loopwell/service';
import { type Database, type SiteRow, site, type Tx } from '@loopwell/store';

/** A change of a site: all its fields, and the version that was changed. */
export type SiteChange = SiteFields & { version: number; identifierSystem?: string | null };

/** A site as pages and the API show it. A field that is null has its default. */
export type SiteView = {
  version: number;
  fields: SiteFields;
  /** What counts now, written as a field is. */
  counts: Required<SiteFields>;
  identifierSystem: string | null;
  changedAt: Date | null;
  changedBy: string | null;
};

/** Writes the settings that count as fields. */
function countsOf(settings: SiteSettings): Required<SiteFields> {
  const { consentPolicy } = settings;
  return {
    name: settings.name,
    phone: settings.phone ?? null,
    advocateLine: settings.advocateLine,
    timeZone: settings.timeZone ?? null,
    consentPolicy: consentPolicy ? `${consentPolicy.system}|${consentPolicy.code}` : null,
    longestConsentDays: settings.longestConsentDays,
    minorAge: settings.minorAge,
    contactFromChart: settings.contactFromChart,
    state: settings.state ?? null,
    tryBudget: tryBudgetText(settings.tryBudget),
    spokenConsentPolicy: settings.spokenConsent?.policy ?? null,
    spokenConsentAuthor: settings.spokenConsent?.author ?? null,
    protectedAddress: settings.protectedAddress,
    acceptBy: deadlineText(settings.acceptBy),
    decideBy: deadlineText(settings.decideBy),
    readAfterEnd: durationText(settings.readAfterEndMs),
    undoFor: durationText(settings.undoForMs),
    tellWithoutHelp: durationText(settings.tellWithoutHelpMs),
    keepPeople: keptFor(settings.keepPeopleMs),
    keepViews: keptFor(settings.keepViewsMs),
  };
}

const keptFor = (ms: number | undefined): string | null =>
  ms === undefined ? null : durationText(ms);

/** Returns the view of a row; of nothing, where nothing was set yet. */
function viewOfSite(row: SiteRow | undefined): SiteView {
  const fields = fieldsOfSite(row);
  return {
    version: row?.version ?? 0,
    fields,
    counts: countsOf(siteSettingsOf(fields)),
    identifierSystem: row?.identifier_system ?? null,
    changedAt: row?.changed_at ?? null,
    changedBy: row?.changed_by ?? null,
  };
}

/** Reads the site of this tenant. */
export const readSiteView = async (tx: Tx): Promise<SiteView> =>
  viewOfSite(await site.readSite(tx));

/** Lists the fields of a change that break their rules, each with its place in a request. */
function problemsOfChange(change: SiteChange): Problem[] {
  const problems: Problem[] = siteProblems(change).map(({ field, rule }) => ({
    path: `/body/${field}`,
    rule,
  }));
  const { identifierSystem } = change;
  const rule = identifierSystem == null ? undefined : identifierSystemProblem(identifierSystem);
  if (rule !== undefined) problems.push({ path: '/body/identifierSystem', rule });
  return problems;
}

/**
 * Changes the site of this tenant. Every field that is left out or empty has its default from then
 * on; the identifier system stays.
 *
 * @throws RequestProblems naming each field that breaks its rule; then nothing was changed
 * @throws AppError CONFLICT where the site was changed meanwhile, or the identifier system is fixed
 */
export async function changeSite(
  deps: { db: Database; site: Site },
  who: Pick<Principal, 'id'>,
  change: SiteChange,
): Promise<SiteView> {
  const problems = problemsOfChange(change);
  if (problems.length > 0) throw new RequestProblems('The site cannot be like this', problems);
  const settings: SiteFields = {};
  for (const name of siteFieldNames) Object.assign(settings, { [name]: change[name] ?? null });
  const row = await deps.db.tx((tx) =>
    site.changeSite(tx, {
      version: change.version,
      settings,
      identifierSystem: change.identifierSystem ?? undefined,
      by: who.id,
    }),
  );
  await deps.site.refresh();
  return viewOfSite(row);
}

/** One version in the history of a site, with the names of the fields that it changed. */
export type SiteVersion = {
  version: number;
  at: Date;
  by: string;
  changed: string[];
};

/** How many versions are shown. */
const shownVersions = 20;

/** Lists the latest changes of the site, newest first. */
export async function readSiteVersions(tx: Tx): Promise<SiteVersion[]> {
  const rows = await site.siteVersions(tx, shownVersions + 1);
  const versions = rows.map((row, index) => ({
    version: row.version,
    at: row.changed_at,
    by: row.changed_by,
    changed: changedFields(row, rows[index + 1]),
  }));
  return versions.filter(({ changed }) => changed.length > 0).slice(0, shownVersions);
}

function changedFields(row: SiteRow, before: SiteRow | undefined): string[] {
  const [now, earlier] = [fieldsOfSite(row), fieldsOfSite(before)];
  const names: string[] = siteFieldNames.filter(
    (name) => (now[name] ?? null) !== (earlier[name] ?? null),
  );
  if (row.identifier_system !== (before?.identifier_system ?? null)) names.push('identifierSystem');
  return names;
}
