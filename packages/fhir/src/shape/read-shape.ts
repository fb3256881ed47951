import { repeatedIn } from '../json-text.ts';
import { parseReference } from '../references.ts';
import { dataTypes, resourceShapes, type Shape } from './elements.ts';
import { isConcept, laterFhirIn, mistake, saysMistake } from './encounter-status.ts';
import { type At, type Flaw, FlawList, gone } from './flaws.ts';
import { modifierKeys, modifiersCarried } from './modifiers.ts';
import { oddValueIn } from './odd-values.ts';
import { isScalar, ScalarReader } from './read-scalar.ts';
import { isResourceType } from './resource-types.ts';
import { isObject, isSilent, type Loose, nameOf } from './silent.ts';

/** The depth at which reading stops. Questionnaires nest only a few levels. DECISIONS D63. */
const deepest = 120;

/**
 * Reads a resource's shape and reports its flaws. A value that can mean only one thing is mended,
 * and a value that cannot be read is left out. It never throws, and gives the very same object if
 * nothing had to be mended.
 *
 * @param timeZone the site's, if it is set: a time without an offset is read in it
 */
export function readShape<R extends object>(
  resource: R,
  timeZone?: string,
): { resource: R; flaws: readonly Flaw[] } {
  const { resourceType: type } = resource as { resourceType?: unknown };
  const shape =
    typeof type === 'string' && Object.hasOwn(resourceShapes, type)
      ? resourceShapes[type]
      : undefined;
  if (!shape) return { resource, flaws: [] };
  const walk = new Walk(String(type), timeZone);
  const whole = walk.inObject(resource as Loose, shape, {
    path: '',
    unit: '',
    isNeeded: false,
    depth: 0,
  });
  const read = type === 'Observation' ? walk.inObservation(whole, { path: '', depth: 0 }) : whole;
  if (type === 'Encounter') walk.sayVersion(resource as Loose);
  return { resource: read as R, flaws: walk.flaws };
}

/** Containers of answers. A flaw within one does not concern the others. */
const units: ReadonlySet<string> = new Set(['Item', 'Answer', 'Component', 'Contained']);
/**
 * Lists whose members are known by their place. A member that cannot be read leaves its place
 * empty.
 */
const placed: ReadonlySet<string> = new Set(['Item', 'Answer', 'Component', 'Contained']);

/** An element of a shape: its kind, and whether something depends on it. */
type Element = { kind: string; isNeeded: boolean };

const elementsByShape = new WeakMap<Shape, ReadonlyMap<string, Element>>();

/** Reads the elements of a shape. They are read once, since resources come by the million. */
function elementsOf(shape: Shape): ReadonlyMap<string, Element> {
  const remembered = elementsByShape.get(shape);
  if (remembered) return remembered;
  const elements = new Map(
    Object.entries(shape).map(([key, written]) => {
      const isNeeded = written.startsWith('!');
      return [key, { kind: isNeeded ? written.slice(1) : written, isNeeded }];
    }),
  );
  elementsByShape.set(shape, elements);
  return elements;
}

class Walk extends FlawList {
  private readonly scalars: ScalarReader;
  private readonly type: string;
  private readonly timeZone: string | undefined;

  constructor(type: string, timeZone: string | undefined) {
    super();
    this.scalars = new ScalarReader(type, timeZone, this);
    this.type = type;
    this.timeZone = timeZone;
  }

  /** Reads the named elements of an object; gives the same object if nothing changed. */
  inObject(object: Loose, shape: Shape, at: At): Loose {
    this.understand(object, at);
    if (at.depth > deepest) {
      this.unreadable(at, 'is nested too deeply');
      return {};
    }
    const elements = elementsOf(shape);
    const repeated = repeatedIn(object);
    let read = object;
    for (const key of Object.keys(object)) {
      const element = elements.get(key);
      const received = object[key];
      if (element === undefined || received === undefined) continue;
      const isTwice = repeated?.has(key) === true;
      if (!isTwice && this.scalars.isPlain(received, element.kind)) continue;
      const inner = innerOf(at, object, key, element);
      const readValue = isTwice
        ? this.unreadable(inner, 'is there twice')
        : this.inElement(received, element.kind, inner);
      if (readValue === received) continue;
      if (read === object) read = { ...object };
      if (readValue === gone) delete read[key];
      else read[key] = readValue;
    }
    return read;
  }

  /**
   * Reports modifiers of an object, because an element that may change the meaning of its container
   * must not be ignored (FHIR R4, extensibility).
   */
  private understand(object: Loose, at: At): void {
    if (!hasModifier(object)) return;
    for (const key of modifiersCarried(object)) {
      const path = at.path === '' ? key : `${at.path}.${key}`;
      const isContainer = at.path === at.unit;
      this.flaws.push({
        kind: 'not-understood',
        path,
        text:
          `It carries ${key.replace('_', '')}, which may change what it says and is not ` +
          'known here: nothing is made of it.',
        voids: { unit: at.unit, below: isContainer },
      });
    }
  }

  private inElement(received: unknown, kind: string, at: At): unknown {
    if (kind === 'labels') return this.inLabels(received, at);
    if (kind.endsWith('[]')) return this.inList(received, kind.slice(0, -2), at);
    return Array.isArray(received)
      ? this.inNeedlessList(received, kind, at)
      : this.inOne(received, kind, at);
  }

  /** Reads a list that stands where FHIR has one value. */
  private inNeedlessList(received: readonly unknown[], kind: string, at: At): unknown {
    // R5 writes an Encounter's class as a list. It is reported with the whole Encounter.
    if (kind === 'Coding' && received.some(isConcept)) return gone;
    if (received.length !== 1) {
      this.unreadable(at, 'is a list where FHIR has one value');
      // An answer that names an Encounter which may be a mistake is no evidence.
      if (kind === 'Reference' && at.path === 'encounter') return received;
      return kind === 'status' && saysMistake(this.type, received) ? mistake : gone;
    }
    this.mended(at, 'is a list of one where FHIR has one value');
    return this.inOne(received[0], kind, at);
  }

  /**
   * Reports flaws of security labels and gives the labels as they came. Later code judges them: a
   * label that cannot be read restricts like an unknown one.
   */
  private inLabels(received: unknown, at: At): unknown {
    const within = new Walk(this.type, this.timeZone);
    within.inList(received, 'Coding', { ...at, isNeeded: false });
    this.flaws.push(...within.flaws.filter((one) => one.kind !== 'mended'));
    return received;
  }

  private inList(received: unknown, kind: string, at: At): unknown {
    if (!Array.isArray(received)) {
      const isMember = isScalar(kind)
        ? typeof received === 'string' && received !== ''
        : isObject(received) && Object.keys(received).length > 0;
      if (!isMember) return this.unreadable(at, 'is no list');
      this.mended(at, 'is one value where FHIR has a list');
      return [this.inOne(received, kind, this.member(at, kind))].filter((one) => one !== gone);
    }
    let read: unknown[] = received;
    for (const [index, member] of received.entries()) {
      // A list of primitives may have null for a member whose content is in its extension (FHIR
      // JSON).
      if (member === null && isScalar(kind) && at.isExtended) continue;
      const readMember = this.inOne(
        member,
        kind,
        this.member({ ...at, path: `${at.path}[${index}]` }, kind),
      );
      if (readMember === member) continue;
      if (read === received) read = [...received];
      read[index] = readMember === gone && placed.has(kind) ? {} : readMember;
    }
    return read === received ? received : read.filter((one) => one !== gone);
  }

  private member(at: At, kind: string): At {
    if (!units.has(kind)) return at;
    // A single component or item without its list is named by its place in one.
    const unit = at.path.endsWith(']') ? at.path : `${at.path}[0]`;
    return { path: unit, unit, isNeeded: kind !== 'Contained', depth: at.depth };
  }

  private inOne(received: unknown, kind: string, at: At): unknown {
    if (kind === 'none') return this.unreadable(at, 'is no element of FHIR R4');
    if (received === null) return this.unreadable(at, 'is null');
    if (isScalar(kind)) return this.scalars.read(received, kind, at);
    if (kind === 'Reference' && typeof received === 'string' && parseReference(received)) {
      this.mended(at, 'is a text where FHIR has a reference');
      return { reference: received };
    }
    // A status as FHIR STU3 writes it stays, because it may say that the problem has ended or was
    // refuted.
    if (typeof received === 'string' && /^(clinical|verification)Status$/.test(at.path)) {
      this.unreadable(at, 'is text where FHIR R4 has a concept');
      return received;
    }
    if (!isObject(received))
      return this.unreadable(at, `is ${nameOf(received)} where FHIR has an object`);
    if (kind === 'any') return received;
    if (kind === 'Item' && Object.keys(received).length === 0)
      return this.unreadable(at, 'is empty');
    if (kind === 'Contained') return this.inContained(received, at);
    if (kind === 'Component')
      return this.inObservation(
        this.inObject(received, dataTypes.Component ?? {}, { ...at, isNeeded: false }),
        at,
      );
    if (isSilent(received, kind) && /(^|\.)value[A-Z]\w*$/.test(at.path))
      return this.unreadable(at, `says nothing that a ${kind} can say`);
    const shape = dataTypes[kind] ?? {};
    const isNeeded =
      units.has(kind) || kind === 'Meta' || kind === 'Evidence' ? false : at.isNeeded;
    return this.inObject(received, shape, { ...at, isNeeded });
  }

  /**
   * Moves a value of a type that an Observation does not have to the element that means the same.
   */
  inObservation(read: Loose, { path, depth }: Pick<At, 'path' | 'depth'>): Loose {
    const odd = oddValueIn(read);
    if (!odd) return read;
    const { [odd.key]: _odd, ...rest } = read;
    const at = path === '' ? odd.key : `${path}.${odd.key}`;
    this.mended(
      { path: at, unit: path, isNeeded: false, depth },
      `is ${odd.element} in an Observation`,
    );
    return { ...rest, [odd.element]: odd.value };
  }

  private inContained(received: Loose, at: At): Loose {
    const shape = received.resourceType === 'Observation' ? resourceShapes.Observation : undefined;
    if (shape)
      return this.inObservation(this.inObject(received, shape, { ...at, isNeeded: false }), at);
    if (!isResourceType(received.resourceType)) {
      this.unreadable(
        { ...at, path: `${at.path}.resourceType`, isNeeded: false },
        'is none of FHIR R4',
      );
      return {};
    }
    // A contained resource may name the patient or the question, so the whole resource depends on
    // it.
    if (hasModifier(received)) this.understand(received, { ...at, unit: '' });
    return received;
  }

  /** Reports an Encounter as FHIR R5 writes it, so that it is put aside whole. */
  sayVersion(encounter: Loose): void {
    const why = laterFhirIn(encounter);
    if (why.length === 0) return;
    this.flaws.push({
      kind: 'unreadable',
      path: '',
      text: `It is no Encounter of FHIR R4 (${why.join(', ')}), and is put aside.`,
    });
  }
}

const hasModifier = (received: Loose): boolean => modifierKeys.some((key) => key in received);

/** The place of an element within its object. */
const innerOf = (at: At, object: Loose, key: string, element: Element): At => ({
  path: at.path === '' ? key : `${at.path}.${key}`,
  unit: at.unit,
  isNeeded: element.isNeeded || at.isNeeded,
  depth: at.depth + 1,
  isExtended: Array.isArray(object[`_${key}`]),
});
