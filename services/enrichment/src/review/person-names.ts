import type { fhir4 } from '@loopwell/fhir';
import { ehrResources, type Tx } from '@loopwell/store';

type PersonName = { name: string; birthDate: string };

/** Names by person, for pages only. Names are sent only to signed-in reviewers. */
export type PersonNames = ReadonlyMap<string, PersonName>;

/** Reads names and birth dates from the pulled Patients. */
export async function personNames(tx: Tx, people: readonly string[]): Promise<PersonNames> {
  const rows = await ehrResources.ehrResourcesOfPeople(tx, [...new Set(people)], ['Patient']);
  const names = new Map<string, PersonName>();
  for (const { person, body } of rows) names.set(person, nameOf(JSON.parse(body)));
  return names;
}

function nameOf(patient: fhir4.Patient): PersonName {
  const official = patient.name?.find(({ use }) => use === 'official') ?? patient.name?.[0];
  const parts = [...(official?.given ?? []), official?.family ?? ''];
  const name = official?.text ?? parts.join(' ').trim();
  return { name: name || 'No name on file', birthDate: patient.birthDate ?? '' };
}
