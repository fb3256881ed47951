import { type Flaw, type fhir4, systems } from '@loopwell/fhir';
import { withFlaws } from '../fhir-json/flaws.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Instrument } from '../model.ts';
import { indexShelf } from './attribute-instrument.ts';

type Loose = Record<string, unknown>;

/**
 * An Observation whose question no LOINC code tells, and whose words ask one that is known, as forms without codes do: with
 * that code before what came, and said so. Its components and the members that it contains are read in the same way.
 */
export function worded<R extends fhir4.Resource>(
  resource: R,
  instruments: readonly Instrument[],
): R {
  if (resource.resourceType !== 'Observation') return resource;
  const flaws: Flaw[] = [];
  const loose = named(resource as unknown as Loose, '', instruments, flaws);
  if (flaws.length === 0) return resource;
  return withFlaws(loose as unknown as R, flaws);
}

function named(
  loose: Loose,
  path: string,
  instruments: readonly Instrument[],
  flaws: Flaw[],
): Loose {
  const { code, component, contained } = loose;
  const question = isObject(code)
    ? questionIn(code as fhir4.CodeableConcept, instruments)
    : undefined;
  if (question)
    flaws.push({
      kind: 'mended',
      path: `${path}code`,
      text: `Its words ask the question ${question.code}, which no code tells.`,
    });
  const within = (key: string, some: unknown, isRead: (part: Loose) => boolean) =>
    Array.isArray(some)
      ? {
          [key]: some.map((part: unknown, index) =>
            isObject(part) && isRead(part)
              ? named(part, `${path}${key}[${index}].`, instruments, flaws)
              : part,
          ),
        }
      : {};
  const isOutermost = path === '';
  return {
    ...loose,
    ...(question ? { code: question.concept } : {}),
    ...(isOutermost ? within('component', component, () => true) : {}),
    ...(isOutermost
      ? within('contained', contained, (part) => part.resourceType === 'Observation')
      : {}),
  };
}

/** A code of LOINC's form without its system may be another question: it is not guessed, whatever stands beside it. */
const loincLike = /^\s*\d{1,7}-\d\s*$/;

/** The question that its words ask, if they ask one: the text, else what its codes are called. */
function questionIn(concept: fhir4.CodeableConcept, instruments: readonly Instrument[]) {
  const codings = objectsOf(concept.coding);
  const isUntold = codings.some(
    (one) => textOf(one.system) === undefined && loincLike.test(textOf(one.code) ?? ''),
  );
  if (isUntold || loincOf(concept).length > 0) return undefined;
  const own = textOf(concept.text);
  const words = own === undefined ? codings.flatMap((one) => textOf(one.display) ?? []) : [own];
  const asked = new Map(
    words.flatMap((word) =>
      indexShelf(instruments)
        .askedBy(word)
        .map((code) => [code, word] as const),
    ),
  );
  const [[code, text] = []] = [...asked];
  if (code === undefined || text === undefined || asked.size > 1) return undefined;
  return {
    code,
    concept: { ...concept, coding: [{ system: systems.loinc, code }, ...codings], text },
  };
}

/** LOINC codes of an Observation that are a question or a panel of the shelf; else the question that its words ask. */
export function screeningQuestionsIn(
  { code }: { code?: unknown },
  instruments: readonly Instrument[],
): string[] {
  if (!isObject(code)) return [];
  const concept = code as fhir4.CodeableConcept;
  const { questions, panels } = indexShelf(instruments);
  return loincOf(questionIn(concept, instruments)?.concept ?? concept).filter(
    (one) => questions.has(one) || panels.has(one),
  );
}
