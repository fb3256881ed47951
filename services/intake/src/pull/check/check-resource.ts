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
import { appointmentRow } from './check-appointment.ts';
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
  /** Left out: nothing in it concerns social needs, or it is our own. */
  | { kind: 'ignore' };

type Refuse = (code: string, facts?: object) => Checked;

/**
 * Decides whether one resource of a page is kept as it came, quarantined with a reason, or ignored.
 * It checks the structural rules that later stages rely on (DECISIONS D123): type, id, shape, at
 * most one value[x], a status where R4 demands one. It also checks the patient.
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
  if (asked === 'Appointment') {
    const row = appointmentRow(resource, source);
    return row === undefined ? { kind: 'ignore' } : { kind: 'keep', row };
  }
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

/**
 * Keeps a resource that passed the checks of its shape, unless a value is double, or the patient or
 * the status is unusable.
 * @param read the resource as `readShape` gives it
 */
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
  // Answers and Conditions are read again when they are coded. Corrections are reported there.
  const kept = readInParts.has(asked)
    ? { ...resource, id: read.id }
    : withLabels(read, resource, asked);
  const body = JSON.stringify(kept);
  const unkept = unkeptReason(body);
  if (unkept) return refuse(unkept);
  const row = resourceRow({ ...kept, ...metaOf(read) } as Resource, body, patient.id, source);
  return { kind: 'keep', row };
}

/**
 * Adds the person to an order or a Goal that cannot be read, so that the gates know of it while
 * they wait for the person's agreement.
 */
function withPerson(refused: Checked, read: Resource, asked: PulledType, source: Source): Checked {
  if (refused.kind !== 'quarantine' || (asked !== 'Goal' && asked !== 'ServiceRequest'))
    return refused;
  const patient = patientOf(read, asked, source);
  return 'code' in patient ? refused : ofPerson(refused, personId(source, patient.id));
}

/**
 * Keeps the `meta` of an Encounter as it came, because its labels restrict the answers of the
 * visit, however they are written.
 */
const withLabels = (read: Resource, { meta }: Resource, asked: PulledType): Resource =>
  asked === 'Encounter' && meta !== undefined ? { ...read, meta } : read;

/**
 * Returns whether an Encounter with an unclear status is a mistake by one of its statuses. An
 * answer that names it needs to know.
 */
const isMistakenVisit = ({ path }: Flaw, { resourceType, status }: Resource): boolean =>
  resourceType === 'Encounter' && path === 'status' && status === 'entered-in-error';

const metaOf = ({ meta }: Resource): Pick<Resource, 'meta'> | object =>
  meta === undefined ? {} : { meta };

/**
 * Types that are kept as they came when their patient is known. A person looks at their unreadable
 * parts; the rest is coded.
 */
const readInParts: ReadonlySet<PulledType> = new Set<PulledType>([
  'QuestionnaireResponse',
  'Observation',
  'Condition',
]);

/**
 * Matches the elements without which a resource of these types is not kept: its patient, its
 * question, and its status.
 */
const whole = /^(subject|status|code|item)(\.(reference|coding(\[\d+\](\.\w+)?)?|text))?$/;

const isOfCategory = ({ kind, path }: Flaw) => kind === 'unreadable' && path.startsWith('category');

/**
 * The depth up to which unreadable parts are kept. Forms nest a few levels; deeper nesting is an
 * attack or a mistake.
 */
const deepest = 100;

/** Returns whether a resource is unusable because of a flaw. */
function isInTheWay({ kind, path }: Flaw, asked: PulledType): boolean {
  // Orders and Goals, which a person may have agreed to, count only as R4 writes them, so they are
  // not corrected.
  if (kind === 'mended')
    return (
      (asked === 'Goal' || asked === 'ServiceRequest') && path !== 'id' && !path.startsWith('meta')
    );
  if (kind !== 'unreadable' || (asked === 'Encounter' && /^meta\b/.test(path))) return false;
  if (!readInParts.has(asked) || path.split('.').length > deepest) return true;
  return asked === 'Condition' ? path.startsWith('subject') : whole.test(path);
}

/**
 * Keeps a Consent in any shape, for the gates to judge, because a quarantined one could not refuse.
 * Only one without a single known patient, or one that the database refuses, is quarantined.
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
 * Returns whether a resource was written into the EHR by us and comes back with the pull. It is not
 * new evidence and not the person's word, so it is ignored. Our Conditions are kept, because a
 * clinician's changes to them must be known here.
 */
function isWrittenBack(resource: Resource, asked: PulledType, { identity }: Source): boolean {
  if (asked !== 'Observation' && asked !== 'ServiceRequest' && asked !== 'Goal') return false;
  return isOurs(resource, identity);
}

/** A resource with a repeated member: both values, and the place. */
export type Repeated = { reason: string; resource: unknown; element?: string };

/**
 * Quarantines a resource with a repeated member for a person to look at. A resource without bearing
 * on social needs is ignored all the same, unless the repeated member is what decides that.
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
  // A Consent of several people, or with a repeated id, may be a refusal by each person whom it
  // names.
  const person =
    asked === 'Consent'
      ? personOfConsent(resource, source.base, source.patient || undefined)
      : undefined;
  const refused: Checked = { kind: 'quarantine', row };
  return person === undefined ? refused : ofPerson(refused, personId(source, person));
}

const isObject = (json: unknown): json is Record<string, unknown> =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

/** Returns the people named by a Consent that could not be kept for one of them. */
export function peopleNamed({ body }: QuarantineRow, source: Source): string[] {
  return body === null
    ? []
    : patientsNamed(JSON.parse(body) as unknown).map((id) => personId(source, id));
}

/** The types that permission depends on. One that cannot be read any more may be a refusal. */
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
