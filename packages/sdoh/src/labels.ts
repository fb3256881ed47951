import { type fhir4, systems } from '@loopwell/fhir';
import { isObject, textOf } from './shapes.ts';

/**
 * Security labels (`meta.security`) of what answers come from. They travel to every Observation and Condition that is made
 * from it (coding contract), and decide whether a machine may let it go.
 */
export type Labels = readonly fhir4.Coding[];

/** How a need may leave: `one-recipient` by a signed-in person for one partner, `named-consent` not before a consent names that partner. */
export type Restriction = 'one-recipient' | 'named-consent';

const restricted: fhir4.Coding = { system: systems.confidentiality, code: 'R' };

/** v3-Confidentiality: unrestricted, low, moderate, normal. */
const unrestricted: ReadonlySet<unknown> = new Set(['U', 'L', 'M', 'N']);

/** Part 2 data (42 CFR Part 2) and substance use information (v3-ActCode), however they are written. */
const partTwo: ReadonlySet<string> = new Set(['eth', '42cfrpart2']);

const ofCoding: ReadonlySet<string> = new Set(['id', 'system', 'version', 'code', 'display', '_display', 'userSelected', 'extension']);

/** The labels of a resource. A label that cannot be read is kept as far as it can be, and restricts. */
export function labelsOf(resource: object | undefined): Labels {
  const { meta } = (resource ?? {}) as { meta?: unknown };
  if (meta === undefined) return [];
  if (!isObject(meta)) return [restricted];
  const { security } = meta;
  if (security === undefined) return '_security' in meta ? [restricted] : [];
  return joinedLabels((Array.isArray(security) ? security : [security]).flatMap(labelOf));
}

/** A label that came as text keeps its text; beside it stands the restriction that every receiver knows. */
function labelOf(said: unknown): Labels {
  if (isObject(said)) return isCoding(said) ? [said as fhir4.Coding] : [restricted];
  const code = textOf(said)?.trim();
  return code === undefined || code === '' || /\s\s|[\t\r\n]/.test(code) ? [restricted] : [{ code }, restricted];
}

const isCoding = ({ system, code }: Record<string, unknown>) =>
  textOf(code) !== undefined && (system === undefined || textOf(system) !== undefined);

const isPlain = (label: fhir4.Coding) => Object.keys(label).every((key) => ofCoding.has(key));

/** Two labels of one system and code are one; one with elements that a Coding does not have is no other's double. */
const keyOf = (label: fhir4.Coding) => (isPlain(label) ? `${label.system ?? ''}|${label.code ?? ''}` : JSON.stringify(label));

/** Each label once, in the order in which they came. */
export function joinedLabels(...lists: readonly Labels[]): Labels {
  const once = new Map<string, fhir4.Coding>();
  for (const label of lists.flat()) if (!once.has(keyOf(label))) once.set(keyOf(label), label);
  return [...once.values()];
}

/** Unrestricted are U, L, M and N of v3-Confidentiality alone; every other label restricts, one that is not known included. */
const restricts = (label: fhir4.Coding) => label.system !== systems.confidentiality || !unrestricted.has(label.code) || !isPlain(label);

/** What labels do to a need that rests on what carries them; undefined where they let it go like any other. */
export function restrictionOf(labels: Labels): Restriction | undefined {
  if (!labels.some(restricts)) return undefined;
  return labels.some((one) => partTwo.has(String(one.code).trim().toLowerCase())) ? 'named-consent' : 'one-recipient';
}

/** `meta` with further labels; itself where it has them all. */
export function labelled(meta: fhir4.Meta | undefined, labels: Labels): fhir4.Meta | undefined {
  if (labels.length === 0) return meta;
  const known: fhir4.Meta = isObject(meta) ? (meta as fhir4.Meta) : {};
  return { ...known, security: [...joinedLabels(labelsOf({ meta }), labels)] };
}

/** Types of a Bundle that carry the Bundle's labels once they stand alone. */
const carriers: ReadonlySet<unknown> = new Set(['Observation', 'QuestionnaireResponse', 'Condition', 'Encounter', 'Bundle']);

/** An entry as it has to be kept without its Bundle: with the Bundle's labels, where answers or needs rest on it. */
export function withBundleLabels<R extends object>(resource: R, bundle: object): R {
  const labels = labelsOf(bundle);
  if (labels.length === 0 || !carriers.has((resource as { resourceType?: unknown }).resourceType)) return resource;
  return { ...resource, meta: labelled((resource as { meta?: fhir4.Meta }).meta, labels) };
}
