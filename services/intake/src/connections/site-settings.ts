import { withoutUndefined } from '@loopwell/fhir';
import { type Problem, RequestProblems } from '@loopwell/http';
import { AppError, type Facts, newId } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/intake.ts';
import { type MapProblem, readConceptMap, type SiteChoices } from '@loopwell/sdoh';
import { connections, type Database, ledger, pullCursors, type Tx } from '@loopwell/store';

/**
 * The answer to a change of a site's settings, as `openapi/intake.yaml` describes it.
 * DECISIONS D27.
 */
type SiteChange = components['schemas']['SiteChange'];
type Choices = Required<components['schemas']['Choices']>;

type Who = { id: string; tenant: string };
type Site = connections.SiteSettings;

const recode =
  'What was coded before stays as it is. POST /api/v1/recode, or loopwell recode, says what ' +
  'coding it anew would change; with ' +
  '{"dryRun": false}, or --apply, it is done.';

/**
 * Returns the settings of a site.
 * @throws AppError NOT_FOUND for a connection that is not this tenant's
 */
async function requireSite(tx: Tx, tenant: string, id: string): Promise<Site> {
  const site = await connections.loadSite(tx, tenant, id);
  if (site) return site;
  throw new AppError('NOT_FOUND', 'There is no such connection');
}

/** Returns the ConceptMap of a connection as it was given. */
export async function conceptMapOf(db: Database, tenant: string, id: string): Promise<string> {
  const { concept_map: text } = await requireSite(db, tenant, id);
  if (text === null) throw new AppError('NOT_FOUND', 'This connection has no ConceptMap');
  return text;
}

/** Returns the choices of a site, with false for the ones that were not made. */
export async function choicesOf(db: Database, tenant: string, id: string): Promise<Choices> {
  return choicesIn(await requireSite(db, tenant, id));
}

/**
 * Sets the ConceptMap of a connection, or removes it. A ConceptMap with problems is refused with
 * the place of each.
 * @throws RequestProblems naming every place that is wrong
 */
export function setConceptMap(
  db: Database,
  who: Who,
  id: string,
  map: unknown,
): Promise<SiteChange> {
  if (map === undefined)
    return change(db, who, id, {
      outcome: 'concept-map-removed',
      to: (site) => ({ ...site, concept_map: null }),
    });
  const { translations, problems } = readConceptMap(map);
  if (problems.length > 0)
    throw new RequestProblems('The ConceptMap is not usable', problems.map(problemOf));
  const facts = { translations: translations.size };
  return change(db, who, id, {
    outcome: 'concept-map-set',
    facts,
    to: (site) => ({ ...site, concept_map: JSON.stringify(map) }),
  });
}

/** Sets the choices of a site, or removes them. The contract has checked their names and types. */
export function setChoices(
  db: Database,
  who: Who,
  id: string,
  choices: SiteChoices | undefined,
): Promise<SiteChange> {
  const facts = {
    interpretNegative: choices?.interpretNegative === true,
    withoutIcd10cm: choices?.withoutIcd10cm === true,
  };
  const to = (site: Site): Site => {
    const { timeZone } = chosenIn(site);
    const isChosen = facts.interpretNegative || facts.withoutIcd10cm || timeZone !== undefined;
    // The time zone of a run is not a choice of the API, so it stays.
    return { ...site, choices: isChosen ? JSON.stringify({ ...facts, timeZone }) : null };
  };
  return change(db, who, id, { outcome: 'choices-set', facts, to });
}

/**
 * Converts a problem of a ConceptMap into one of the request: `group[0].element[1]` becomes
 * `/body/group/0/element/1`.
 */
const problemOf = ({ place, says }: MapProblem): Problem => ({
  path: ['/body', ...place.split(/[.[\]]+/).filter(Boolean)].join('/'),
  rule: says,
});

type Change = { outcome: string; facts?: Facts; to: (site: Site) => Site };

async function change(
  db: Database,
  who: Who,
  id: string,
  { outcome, facts, to }: Change,
): Promise<SiteChange> {
  return db.tx(async (tx) => {
    await pullCursors.lockConnection(tx, id);
    const before = await requireSite(tx, who.tenant, id);
    const after = to(before);
    const changed =
      before.concept_map !== after.concept_map || !isSame(choicesIn(before), choicesIn(after));
    if (changed) {
      await connections.saveSite(tx, id, after);
      const line = {
        tenant: who.tenant,
        stage: 'code',
        subject: `connection:${id}`,
        trace: newId(),
        principal: who.id,
      };
      await ledger.appendHistory(tx, [
        { ...line, outcome, ...withoutUndefined({ facts: facts || undefined }) },
      ]);
    }
    const translations =
      after.concept_map === null
        ? 0
        : readConceptMap(JSON.parse(after.concept_map)).translations.size;
    return { connection: id, translations, choices: choicesIn(after), changed, recode };
  });
}

const chosenIn = ({ choices }: Site) =>
  (choices === null ? {} : JSON.parse(choices)) as SiteChoices;

function choicesIn(site: Site): Choices {
  const chosen = chosenIn(site);
  return {
    interpretNegative: chosen.interpretNegative === true,
    withoutIcd10cm: chosen.withoutIcd10cm === true,
  };
}

const isSame = (choices: Choices, other: Choices) =>
  choices.interpretNegative === other.interpretNegative &&
  choices.withoutIcd10cm === other.withoutIcd10cm;
