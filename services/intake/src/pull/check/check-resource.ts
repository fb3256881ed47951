import { type Flaw, type fhir4, localId, parseReference, readShape } from '@loopwell/fhir';
import { deriveId, fingerprint } from '@loopwell/kit';
import { type Identity, isOurs } from '@loopwell/sdoh';
import type { EhrResource, QuarantineRow } from '@loopwell/store';
import { patientsNamed, personOfConsent } from './consent-person.ts';
import { type PulledType, pulledTypes } from './pulled-types.ts';
import { twoValuesIn } from './two-values.ts';

/** Where a pulled resource belongs. */
export type Source = {
  tenant: string;
  connection: string;
  base: string;
  /** What tells our own resources that come back; the documented one when left out. */
  identity?: Identity;
  /** Id of the one Patient whose resources were asked for; empty where all were. */
  patient?: string | undefined;
};

export type Checked =
  | { kind: 'keep'; row: EhrResource }
  | { kind: 'quarantine'; row: QuarantineRow }
  /** Not ours to keep: nothing in it concerns social needs. */
  | { kind: 'ignore' };

type Resource = fhir4.Resource & Record<string, unknown>;

/** Our id of a person: the same Patient id in two EHRs is two people until somebody merges them. */
export function personId(source: Source, patientId: string): string {
  return deriveId(source.tenant, 'person', source.connection, patientId);
}

/** Larger resources are no screening: they are named in the quarantine, and not kept. */
const mostCharacters = 4_000_000;

/**
 * Decides what becomes of one resource of a page: kept as it came, quarantined with a reason, or ignored. It checks what
 * later stages rely on: type, id, shape, subject, at most one value[x] (R4 choice types), a status where R4 demands one.
 */
export function checkResource(resource: Resource, asked: PulledType, source: Source): Checked {
  const refuse = (code: string, facts?: object): Checked => ({
    kind: 'quarantine',
    row: quarantineRow(resource, asked, source, code, facts),
  });
  if (resource.resourceType !== asked) return refuse('unexpected-type');
  const { resource: read, flaws } = readShape(resource);
  if (typeof read.id !== 'string' || !idForm.test(read.id)) return refuse('unusable-id');
  if (asked === 'Consent') return checkConsent(resource, source, refuse);
  if (!concernsUs(read, asked) && !flaws.some(isOfCategory)) return { kind: 'ignore' };
  if (isWrittenBack(read, asked, source)) return { kind: 'ignore' };
  const flaw = flaws.find(
    (one) =>
      isInTheWay(one, asked) &&
      !(asked === 'Encounter' && one.path === 'status' && isMistake(read)),
  );
  if (flaw)
    return withPerson(
      refuse(flaw.path === '' ? 'not-r4' : 'malformed', { path: pathOf(asked, flaw) }),
      read,
      asked,
      source,
    );
  const twice = twoValuesIn(read, asked);
  if (twice !== undefined) return refuse('two-values', { path: twice });
  const patient = patientOf(read, asked, source);
  if ('code' in patient) return refuse(patient.code);
  if (withStatus.has(asked) && typeof read.status !== 'string') return refuse('missing-status');
  // Answers and Conditions are read anew where they are coded, where what was mended in them is said.
  const kept = readInParts.has(asked)
    ? { ...resource, id: read.id }
    : withLabels(read, resource, asked);
  const body = JSON.stringify(kept);
  if (body.length > mostCharacters) return refuse('too-large');
  if (nullCharacter.test(body)) return refuse('null-character');
  return { kind: 'keep', row: pulledRow({ ...kept, ...metaOf(read) }, body, patient.id, source) };
}

/** An order or a Goal that cannot be read is told to whoever waits for the person's agreement. */
function withPerson(refused: Checked, read: Resource, asked: PulledType, source: Source): Checked {
  if (refused.kind !== 'quarantine' || (asked !== 'Goal' && asked !== 'ServiceRequest'))
    return refused;
  const patient = patientOf(read, asked, source);
  return 'code' in patient
    ? refused
    : { ...refused, row: { ...refused.row, person: personId(source, patient.id) } };
}

/** A visit's labels restrict what was answered in it, in whatever writing they come: its `meta` is kept as it came. */
const withLabels = (read: Resource, { meta }: Resource, asked: PulledType): Resource =>
  asked === 'Encounter' && meta !== undefined ? { ...read, meta } : read;

/** One of several statuses says so: an answer that names this Encounter has to know. */
const isMistake = ({ status }: Resource) => status === 'entered-in-error';

const metaOf = ({ meta }: Resource): Pick<Resource, 'meta'> | object =>
  meta === undefined ? {} : { meta };

/** Kept as they came where whose they are can be told: what cannot be read in them is a person's, the rest is coded. */
const readInParts: ReadonlySet<PulledType> = new Set<PulledType>([
  'QuestionnaireResponse',
  'Observation',
  'Condition',
]);

/** What it takes to keep one of those: whose it is, what was asked, and whether it counts. */
const whole = /^(subject|status|code|item)(\.(reference|coding(\[\d+\](\.\w+)?)?|text))?$/;

const isOfCategory = ({ kind, path }: Flaw) => kind === 'unreadable' && path.startsWith('category');

/** What cannot be read, where the rest of the resource cannot do without it. */
/** Forms nest a few levels; what is nested this deep is an attack or a mistake, and is not kept to be read again. */
const deepest = 100;

function isInTheWay({ kind, path }: Flaw, asked: PulledType): boolean {
  // What somebody may have agreed to with counts only as R4 writes it: it is not mended.
  if (kind === 'mended')
    return (
      (asked === 'Goal' || asked === 'ServiceRequest') && path !== 'id' && !path.startsWith('meta')
    );
  if (kind !== 'unreadable' || (asked === 'Encounter' && /^meta\b/.test(path))) return false;
  if (!readInParts.has(asked) || path.split('.').length > deepest) return true;
  return asked === 'Condition' ? path.startsWith('subject') : whole.test(path);
}

const pathOf = (asked: PulledType, { path, text }: Flaw) =>
  path === '' ? `${asked}: ${text}` : `${asked}.${path}`;

/** A Consent is kept in whatever shape it comes, for the gates to judge: one that was put aside could not say no. */
function checkConsent(
  resource: Resource,
  source: Source,
  refuse: (code: string, facts?: object) => Checked,
): Checked {
  const id = personOfConsent(resource, source.base, source.patient || undefined);
  if (id === undefined) {
    const patient = patientOf(
      { ...resource, patient: isReference(resource.patient) ? resource.patient : undefined },
      'Consent',
      source,
    );
    return refuse('code' in patient ? patient.code : 'two-patients');
  }
  const body = JSON.stringify(resource);
  const code =
    body.length > mostCharacters
      ? 'too-large'
      : nullCharacter.test(body)
        ? 'null-character'
        : undefined;
  if (code === undefined) return { kind: 'keep', row: pulledRow(resource, body, id, source) };
  const refused = refuse(code);
  return refused.kind === 'quarantine'
    ? { ...refused, row: { ...refused.row, person: personId(source, id) } }
    : refused;
}

const isReference = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const idForm = /^[A-Za-z0-9\-.]{1,64}$/;

/** U+0000 is no character of a FHIR string, and PostgreSQL keeps none; escaped as JSON does, and not itself escaped. */
const nullCharacter = /(?<!\\)(?:\\\\)*\\u0000/;

const withStatus: ReadonlySet<PulledType> = new Set<PulledType>([
  'Encounter',
  'QuestionnaireResponse',
  'Observation',
  'ServiceRequest',
]);

/**
 * What we wrote into the EHR comes back with the next pull. It is no new evidence, and no word of the person: it is left
 * where it is. A Condition of ours is kept, because what a clinician made of it there has to be known here.
 */
function isWrittenBack(resource: Resource, asked: PulledType, { identity }: Source): boolean {
  if (asked !== 'Observation' && asked !== 'ServiceRequest' && asked !== 'Goal') return false;
  return isOurs(resource, identity);
}

function pulledRow(
  resource: Resource,
  body: string,
  patientId: string,
  source: Source,
): EhrResource {
  const { lastUpdated, versionId }: { lastUpdated?: unknown; versionId?: unknown } =
    resource.meta ?? {};
  const updated = typeof lastUpdated === 'string' ? new Date(lastUpdated) : null;
  return {
    tenant: source.tenant,
    connection: source.connection,
    type: resource.resourceType,
    sourceId: resource.id ?? '',
    // A server without versions still changes its content.
    versionId: typeof versionId === 'string' ? versionId : `sha-${fingerprint(body).slice(0, 16)}`,
    person: personId(source, patientId),
    lastUpdated: updated && !Number.isNaN(updated.getTime()) ? updated : null,
    body,
  };
}

/** The row of something that could not be read. Its body is kept, for nothing may be lost. */
export function quarantineRow(
  resource: unknown,
  asked: PulledType,
  source: Source,
  code: string,
  facts?: object,
): QuarantineRow {
  const text = textOf(resource);
  // An id that is there twice is none.
  const isNamed =
    typeof resource === 'object' &&
    resource !== null &&
    'id' in resource &&
    !('id (1)' in resource);
  const id = isNamed ? resource.id : undefined;
  return {
    tenant: source.tenant,
    connection: source.connection,
    type: asked,
    sourceId:
      typeof id === 'string' && idForm.test(id)
        ? id
        : `unknown-${fingerprint(text ?? '').slice(0, 12)}`,
    code,
    ...(facts ? { facts: JSON.stringify(facts) } : {}),
    body: text !== null && text.length > mostCharacters ? null : text,
  };
}

/** A resource in which a member is there twice: both values of it, and the places. */
export type Repeated = { reason: string; resource: unknown; element?: string };

/**
 * What becomes of a resource that says something twice: it is not read, and a person looks. What would be left where it is
 * for want of any bearing on social needs is left there all the same, unless that is what is said twice.
 */
export function checkRepeated(
  { reason, resource, element }: Repeated,
  asked: PulledType,
  source: Source,
): Checked {
  const facts = element === undefined ? undefined : { path: element };
  const row = quarantineRow(resource, asked, source, reason, facts);
  if (!isObject(resource) || resource.resourceType !== asked) return { kind: 'quarantine', row };
  const isUnclear = Object.keys(resource).some((name) =>
    /^(resourceType|category|code|identifier|meta) \(\d+\)$/.test(name),
  );
  const checked = checkResource(resource as Resource, asked, source);
  if (checked.kind === 'ignore' && !isUnclear) return checked;
  // A Consent of several people, or whose id is there twice, may be a no for each whom it names.
  const person =
    asked === 'Consent'
      ? personOfConsent(resource, source.base, source.patient || undefined)
      : undefined;
  return {
    kind: 'quarantine',
    row: { ...row, ...(person === undefined ? {} : { person: personId(source, person) }) },
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** People whom a Consent names that could not be kept with one of them. */
export function peopleNamed({ body }: QuarantineRow, source: Source): string[] {
  return body === null
    ? []
    : patientsNamed(JSON.parse(body) as unknown).map((id) => personId(source, id));
}

/** What permission rests on: one that cannot be read any more may be a no. */
export const permitting: ReadonlySet<string> = new Set<PulledType>([
  'Patient',
  'Consent',
  'Goal',
  'ServiceRequest',
]);

/** Nested deeper than JSON can be written again, it has no text. */
function textOf(resource: unknown): string | null {
  try {
    return JSON.stringify(resource) ?? null;
  } catch {
    return null;
  }
}

function patientOf(
  resource: Resource,
  asked: PulledType,
  source: Source,
): { id: string } | { code: string } {
  const element = pulledTypes[asked];
  if (element === undefined) return { id: resource.id ?? '' };
  const reference = (resource[element] as fhir4.Reference | undefined)?.reference;
  if (typeof reference !== 'string') return { code: 'missing-subject' };
  const id = localId(reference, 'Patient', source.base);
  if (id !== undefined) return { id };
  const parsed = parseReference(reference);
  if (!parsed) return { code: 'unresolvable-subject' };
  return { code: parsed.type === 'Patient' ? 'subject-elsewhere' : 'subject-not-a-patient' };
}

const observationCategories = new Set(['survey', 'social-history', 'sdoh']);

/**
 * Minimum necessary: Observations and Conditions that have nothing to do with social needs are not kept at all. One
 * whose categories cannot be read may have.
 */
function concernsUs(resource: Resource, asked: PulledType): boolean {
  if (resource.category !== undefined && !isListOfConcepts(resource.category)) return true;
  if (asked === 'Observation') return codesOf(resource.category).some(isOfScreening);
  if (asked !== 'Condition') return true;
  const categories = codesOf(resource.category);
  if (
    categories.some(
      (one) => one.code === 'sdoh' || String(one.system).includes('sdoh-clinicalcare'),
    )
  )
    return true;
  return codesOf([resource.code]).some(
    (one) => mayBeSnomed(one) || /^\s*Z(5[5-9]|6[0-5])/i.test(String(one.code)),
  );
}

/** In any letters; or by a category of the guide, whatever stands beside it. */
const isOfScreening = ({ system, code }: fhir4.Coding) =>
  observationCategories.has(String(code).trim().toLowerCase()) ||
  String(system).includes('sdoh-clinicalcare');

/** By its name or its OID, in any writing; a code without a system may be one. */
const mayBeSnomed = ({ system, code }: fhir4.Coding) =>
  system === undefined
    ? /^\s*\d{8,18}\s*$/.test(String(code))
    : /snomed|2\.16\.840\.1\.113883\.6\.96$/i.test(String(system));

const isListOfConcepts = (found: unknown) =>
  Array.isArray(found) &&
  found.every(
    (one) =>
      typeof one === 'object' &&
      one !== null &&
      (one.coding === undefined || isListOfObjects(one.coding)),
  );

const isListOfObjects = (found: unknown) =>
  Array.isArray(found) && found.every((one) => typeof one === 'object' && one !== null);

function codesOf(concepts: unknown): fhir4.Coding[] {
  if (!Array.isArray(concepts)) return [];
  return (concepts as (fhir4.CodeableConcept | undefined)[]).flatMap((one) =>
    isListOfObjects(one?.coding) ? (one?.coding ?? []) : [],
  );
}
