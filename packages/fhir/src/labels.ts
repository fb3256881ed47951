import { systems } from './systems.ts';
import type * as fhir4 from './types.ts';

/**
 * Security labels (`meta.security`) of a resource. A label that cannot be read is kept as far as
 * possible, together with the restriction that every receiver knows.
 */
export type Labels = readonly fhir4.Coding[];

const restricted: fhir4.Coding = { system: systems.confidentiality, code: 'R' };

const isObject = (label: unknown): label is Record<string, unknown> =>
  typeof label === 'object' && label !== null && !Array.isArray(label);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/**
 * Reads the security labels of a resource. Labels that cannot be read count as `R` (restricted).
 */
export function labelsOf(resource: object | undefined): Labels {
  const { meta } = (resource ?? {}) as { meta?: unknown };
  if (meta === undefined) return [];
  if (!isObject(meta)) return [restricted];
  const { security } = meta;
  if (security === undefined) return '_security' in meta ? [restricted] : [];
  return joinedLabels((Array.isArray(security) ? security : [security]).flatMap(labelOf));
}

function labelOf(labels: unknown): Labels {
  if (isObject(labels)) return isCoding(labels) ? [labels as fhir4.Coding] : [restricted];
  const code = isText(labels) ? labels.trim() : '';
  return code === '' || /\s\s|[\t\r\n]/.test(code) ? [restricted] : [{ code }, restricted];
}

const isCoding = ({ system, code }: Record<string, unknown>) =>
  isText(code) && (system === undefined || isText(system));

const ofCoding: ReadonlySet<string> = new Set([
  'id',
  'system',
  'version',
  'code',
  'display',
  '_display',
  'userSelected',
  'extension',
]);

/** Tells whether a label has only elements of a Coding, and none of its words is masked. */
export const isPlainLabel = (label: fhir4.Coding): boolean =>
  Object.keys(label).every((key) => ofCoding.has(key));

/**
 * Makes the key by which labels are compared. Two labels of one system and code are the same. A
 * label with other elements than a Coding's is compared whole.
 */
const keyOf = (label: fhir4.Coding) =>
  isPlainLabel(label) ? `${label.system ?? ''}|${label.code ?? ''}` : JSON.stringify(label);

/** Joins lists of labels: each label once, in the order in which they came. */
export function joinedLabels(...lists: readonly Labels[]): Labels {
  const once = new Map<string, fhir4.Coding>();
  for (const label of lists.flat()) if (!once.has(keyOf(label))) once.set(keyOf(label), label);
  return [...once.values()];
}

/** Adds labels to `meta`; gives `meta` itself if there are none. */
export function labeled(meta: fhir4.Meta | undefined, labels: Labels): fhir4.Meta | undefined {
  if (labels.length === 0) return meta;
  const metaBefore: fhir4.Meta = isObject(meta) ? (meta as fhir4.Meta) : {};
  return { ...metaBefore, security: [...joinedLabels(labelsOf({ meta }), labels)] };
}

/** Types of a Bundle that carry the Bundle's labels once they stand alone. */
const carriers: ReadonlySet<unknown> = new Set([
  'Observation',
  'QuestionnaireResponse',
  'Condition',
  'Encounter',
  'Bundle',
]);

/**
 * Adds a Bundle's labels to an entry that is kept without its Bundle, if answers or needs rest on
 * it.
 */
export function withBundleLabels<R>(resource: R, bundle: object): R {
  if (!isObject(resource) || !carriers.has(resource.resourceType)) return resource;
  const labels = labelsOf(bundle);
  return labels.length === 0
    ? resource
    : { ...resource, meta: labeled(resource.meta as fhir4.Meta | undefined, labels) };
}
