import { type fhir4, parseReference, systems } from '@loopwell/fhir';
import { isObject } from '../../fhir-json/tolerant-readers.ts';

/** A resource of a directory, with what its entry is called. */
export type Entry = {
  fullUrl: string | undefined;
  id: string | undefined;
  resource: fhir4.Resource;
};

/**
 * Returns the id of an entry: its own, or the last part of its fullUrl (`urn:uuid:…` or a literal
 * address).
 */
function idOf(resource: Record<string, unknown>, fullUrl: string | undefined): string | undefined {
  if (typeof resource.id === 'string') return resource.id;
  return /^urn:uuid:(.+)$/i.exec(fullUrl ?? '')?.[1] ?? parseReference(fullUrl)?.id;
}

/** Reads the entries of a Bundle; each problem is a sentence. */
export function readEntries(raw: unknown): { entries: Entry[]; problems: string[] } {
  if (raw !== undefined && !Array.isArray(raw))
    return { entries: [], problems: ['`entry` of the partners file is not a list.'] };
  const entries: Entry[] = [];
  const problems: string[] = [];
  for (const [index, member] of ((raw ?? []) as unknown[]).entries()) {
    const json = isObject(member) ? member : {};
    const { resource } = json;
    if (!isObject(resource) || typeof resource.resourceType !== 'string') {
      problems.push(`Entry number ${index + 1} holds no resource.`);
      continue;
    }
    const fullUrl = typeof json.fullUrl === 'string' ? json.fullUrl : undefined;
    const id = idOf(resource, fullUrl);
    entries.push({ fullUrl, id, resource: resource as unknown as fhir4.Resource });
  }
  return { entries, problems: [...problems, ...findDuplicates(entries)] };
}

/**
 * Lists entries of one type with one id and different content: a reference to such an id is
 * ambiguous.
 */
function findDuplicates(entries: readonly Entry[]): string[] {
  const named = entries.filter(({ id }) => id !== undefined);
  const groups = Map.groupBy(named, ({ resource, id }) => `${resource.resourceType} ${id}`);
  const ambiguous = [...groups].filter(([, group]) => {
    const contents = group.map(({ resource }) => JSON.stringify(resource));
    return new Set(contents).size > 1;
  });
  return ambiguous.map(([name]) => `${name} is there more than once, with different content.`);
}

/** Lists the SDOHCC categories of a service, each once. */
export function listCategories({ category }: fhir4.HealthcareService): string[] {
  const codings = (category ?? []).flatMap(({ coding }) => coding ?? []);
  const categories = new Set<string>();
  for (const { system, code } of codings)
    if (system === systems.sdohcc && code) categories.add(code);
  return [...categories];
}

/**
 * Finds the resource of a reference: by fullUrl, by `Type/id`, by the end of an absolute address,
 * or contained (`#x`).
 */
export function follow<R extends fhir4.Resource>(
  from: fhir4.HealthcareService,
  reference: fhir4.Reference | undefined,
  type: string,
  entries: readonly Entry[],
): { resource: R; id: string | undefined; fullUrl: string | undefined } | undefined {
  const text = reference?.reference;
  if (typeof text !== 'string') return undefined;
  if (text.startsWith('#')) {
    const inner = (from.contained ?? []).find(
      (one) => one.resourceType === type && one.id === text.slice(1),
    );
    return inner
      ? { resource: inner as fhir4.Resource as R, id: inner.id, fullUrl: undefined }
      : undefined;
  }
  const ofType = entries.filter(({ resource }) => {
    return resource.resourceType === type;
  });
  const parsed = parseReference(text);
  const byId = ofType.find(({ id }) => {
    return parsed?.type === type && id === parsed.id;
  });
  const byUrl = ofType.find(({ fullUrl }) => fullUrl === text);
  const target = byUrl ?? byId;
  return target && { ...target, resource: target.resource as R };
}
