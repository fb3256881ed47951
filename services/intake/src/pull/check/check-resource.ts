import {
  brokenRule,
  type Flaw,
  type fhir4,
  localId,
  parseReference,
  readShape,
} from '@loopwell/fhir';
import { isOurs } from '@loopwell/sdoh';
import type { EhrResource, QuarantineRow } from '@loopwell/store';
import { patientsNamed, personOfConsent } from './consent-person.ts';
import {
  personId,
  quarantineRow,
  type Resource,
  resourceRow,
  type Source,
  unkeptReason,
} from './page-rows.ts';
import { type PulledType, pulledTypes } from './pulled-types.ts';
import { concernsSocialNeeds } from './social-needs.ts';

export type Checked =
  | { kind: 'keep'; row: EhrResource }
  | { kind: 'quarantine'; row: QuarantineRow }
  /** Not ours to keep: nothing in it concerns social needs. */
  | { kind: 'ignore' };

type Refuse = (code: string, facts?: object) => Checked;

/**
 * Decides what becomes of one resource of a page: kept as it came, quarantined with a reason, or
 * ignored. It asks the structural rules that later stages rely on (DECISIONS D123): type, id,
 * shape, at most one value[x], a status where R4 demands one. And whose it is.
 */
export function checkResource(resource: Resource, asked: PulledType, source: Source): Checked {
  const refuse: Refuse = (code, facts) => ({
    kind: 'quarantine',
    row: quarantineRow(resource, asked, source, code, facts),
  });
  const otherType = brokenRule(resource, ['other-type'], asked);
  if (otherType) return refuse(otherType.rule === 'other-type' ? 'unexpected-type' : 'unreadable');
  const { resource: read, flaws } = readShape(resource);
  if (brokenRule(read, ['unusable-id'])) return refuse('unusable-id');
  if (asked === 'Consent') return checkConsent(resource, source, refuse);
  if (!concernsSocialNeeds(read, asked) && !flaws.some(isOfCategory)) return { kind: 'ignore' };
  if (isWrittenBack(read, asked, source)) return { kind: 'ignore' };
  const flaw = flaws.find((found) => isInTheWay(found, asked) && !isMistakenVisit(found, read));
  if (flaw) return withPerson(refuseFlaw(flaw, asked, refuse), read, asked, source);
  return keepRead(resource, read, asked, source, refuse);
}

const refuseFlaw = (flaw: Flaw, asked: PulledType, refuse: Refuse): Checked =>
  flaw.path === ''
    ? refuse('not-r4', { path: `${asked}: ${flaw.text}` })
    : refuse('malformed', { path: `${asked}.${flaw.path}` });

/** @param read the resource as `readShape` gives it */
function keepRead(
  resource: Resource,
  read: Resource,
  asked: PulledType,
  source: Source,
  refuse: Refuse,
): Checked {
  const twice = brokenRule(read, ['two-values']);
  if (twice) return refuse('two-values', { path: `${asked}.${twice.path}` });
  const patient = patientOf(read, asked, source);
  if ('code' in patient) return refuse(patient.code);
  if (brokenRule(read, ['missing-status'])) return refuse('missing-status');
  // Answers and Conditions are read anew where they are coded, where what was mended in them is
  // said.
  const kept = readInParts.has(asked)
    ? { ...resource, id: read.id }
    : withLabels(read, resource, asked);
  const body = JSON.stringify(kept);
  const unkept = unkeptReason(body);
  if (unkept) return refuse(unkept);
  const row = resourceRow({ ...kept, ...metaOf(read) } as Resource, body, patient.id, source);
  return { kind: 'keep', row };
}

/** An order or a Goal that cannot be read is told to whoever waits for the person's agreement. */
function withPerson(refused: Checked, read: Resource, asked: PulledType, source: Source): Checked {
  if (refused.kind !== 'quarantine' || (asked !== 'Goal' && asked !== 'ServiceRequest'))
    return refused;
  const patient = patientOf(read, asked, source);
  return 'code' in patient ? refused : ofPerson(refused, personId(source, patient.id));
}

/**
 * A visit's labels restrict what was answered in it, in whatever writing they come: its `meta` is
 * kept as it came.
 */
const withLabels = (read: Resource, { meta }: Resource, asked: PulledType): Resource =>
  asked === 'Encounter' && meta !== undefined ? { ...read, meta } : read;

/**
 * One of several statuses of an Encounter says that it is a mistake: an answer that names it has to
 * know.
 */
const isMistakenVisit = ({ path }: Flaw, { resourceType, status }: Resource): boolean =>
  resourceType === 'Encounter' && path === 'status' && status === 'entered-in-error';

const metaOf = ({ meta }: Resource): Pick<Resource, 'meta'> | object =>
  meta === undefined ? {} : { meta };

/**
 * Kept as they came where whose they are can be told: what cannot be read in them is a person's,
 * the rest is coded.
 */
const readInParts: ReadonlySet<PulledType> = new Set<PulledType>([
  'QuestionnaireResponse',
  'Observation',
  'Condition',
]);

/** What it takes to keep one of those: whose it is, what was asked, and whether it counts. */
const whole = /^(subject|status|code|item)(\.(reference|coding(\[\d+\](\.\w+)?)?|text))?$/;

const isOfCategory = ({ kind, path }: Flaw) => kind === 'unreadable' && path.startsWith('category');

/**
 * Forms nest a few levels; what is nested this deep is an attack or a mistake, and is not kept to
 * be read again.
 */
const deepest = 100;

/** What cannot be read, where the rest of the resource cannot do without it. */
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

/**
 * A Consent is kept in whatever shape it comes, for the gates to judge: one that was put aside
 * could not say no.
 */
function checkConsent(resource: Resource, source: Source, refuse: Refuse): Checked {
  const id = personOfConsent(resource, source.base, source.patient || undefined);
  if (id === undefined) {
    const patient = isObject(resource.patient) ? resource.patient : undefined;
    const whose = patientOf({ ...resource, patient }, 'Consent', source);
    return refuse('code' in whose ? whose.code : 'two-patients');
  }
  const body = JSON.stringify(resource);
  const unkept = unkeptReason(body);
  if (unkept === undefined) return { kind: 'keep', row: resourceRow(resource, body, id, source) };
  return ofPerson(refuse(unkept), personId(source, id));
}

function ofPerson(checked: Checked, person: string): Checked {
  return checked.kind === 'quarantine' ? { ...checked, row: { ...checked.row, person } } : checked;
}

/**
 * What we wrote into the EHR comes back with the next pull. It is no new evidence, and no word of
 * the person: it is left where it is. A Condition of ours is kept, because what a clinician made of
 * it there has to be known here.
 */
function isWrittenBack(resource: Resource, asked: PulledType, { identity }: Source): boolean {
  if (asked !== 'Observation' && asked !== 'ServiceRequest' && asked !== 'Goal') return false;
  return isOurs(resource, identity);
}

/** A resource in which a member is there twice: both values of it, and the places. */
export type Repeated = { reason: string; resource: unknown; element?: string };

/**
 * What becomes of a resource that says something twice: it is not read, and a person looks. What
 * would be left where it is for want of any bearing on social needs is left there all the same,
 * unless that is what is said twice.
 */
export function checkRepeated(
  { reason, resource, element }: Repeated,
  asked: PulledType,
  source: Source,
): Checked {
  const facts = element === undefined ? undefined : { path: element };
  const row = quarantineRow(resource, asked, source, reason, facts);
  if (!isObject(resource) || brokenRule(resource, ['other-type'], asked))
    return { kind: 'quarantine', row };
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
  const refused: Checked = { kind: 'quarantine', row };
  return person === undefined ? refused : ofPerson(refused, personId(source, person));
}

const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

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
