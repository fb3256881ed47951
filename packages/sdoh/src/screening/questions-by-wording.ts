import { type Flaw, type fhir4, systems } from '@loopwell/fhir';
import { withFlaws } from '../fhir-json/flaws.ts';
import { loincOf } from '../fhir-json/loinc-codes.ts';
import { isObject, objectsOf, textOf } from '../fhir-json/tolerant-readers.ts';
import type { Instrument } from '../model.ts';
import { indexShelf } from './attribute-instrument.ts';

type Loose = Record<string, unknown>;

/**
 * Adds the LOINC code of a known question to an Observation whose words ask it and that has no such
 * code, as is done for forms without codes. The code comes before what came, and a flaw says so.
 * Its components and the members that it contains are read in the same way.
 * DECISIONS D91.
 */
export function worded<R extends fhir4.Resource>(
  resource: R,
  instruments: readonly Instrument[],
): R {
  if (resource.resourceType !== 'Observation') return resource;
  const flaws: Flaw[] = [];
  const read = readWords(resource as unknown as Loose, '', instruments, flaws);
  if (flaws.length === 0) return resource;
  return withFlaws(read as unknown as R, flaws);
}

/** Reads the words of one Observation or of a part, and of the parts within it. */
function readWords(
  part: Loose,
  path: string,
  instruments: readonly Instrument[],
  flaws: Flaw[],
): Loose {
  const { code, component, contained } = part;
  const read = { ...part };
  const asked = isObject(code)
    ? findQuestion(code as fhir4.CodeableConcept, instruments)
    : undefined;
  if (asked) {
    const text = `Its words ask the question ${asked.code}, which no code tells.`;
    flaws.push({ kind: 'mended', path: `${path}code`, text });
    read.code = asked.concept;
  }
  if (path !== '') return read;
  const readList = (key: string, parts: readonly unknown[], isRead: (part: Loose) => boolean) => {
    read[key] = parts.map((member, index) =>
      isObject(member) && isRead(member)
        ? readWords(member, `${key}[${index}].`, instruments, flaws)
        : member,
    );
  };
  if (Array.isArray(component)) readList('component', component, () => true);
  if (Array.isArray(contained))
    readList('contained', contained, (member) => member.resourceType === 'Observation');
  return read;
}

/**
 * Matches a code of LOINC's form. Without its system it may be another question: it is not guessed,
 * whatever stands beside it.
 */
const loincLike = /^\s*\d{1,7}-\d\s*$/;

/** A question that words ask, and the concept with its code put first. */
type WordedQuestion = { code: string; concept: fhir4.CodeableConcept };

/** Finds the one question that a concept's words ask: its text, else what its codes are called. */
function findQuestion(
  concept: fhir4.CodeableConcept,
  instruments: readonly Instrument[],
): WordedQuestion | undefined {
  const codings = objectsOf(concept.coding);
  const isUncertain = codings.some(
    ({ system, code }) => textOf(system) === undefined && loincLike.test(textOf(code) ?? ''),
  );
  if (isUncertain || loincOf(concept).length > 0) return undefined;
  const text = textOf(concept.text);
  const words = text === undefined ? codings.map(({ display }) => textOf(display)) : [text];
  const { askedBy } = indexShelf(instruments);
  const asked = new Map<string, string>();
  for (const wording of words)
    if (wording !== undefined) for (const code of askedBy(wording)) asked.set(code, wording);
  const [question] = asked;
  if (!question || asked.size > 1) return undefined;
  const [code, wording] = question;
  const coding = [{ system: systems.loinc, code }, ...codings];
  return { code, concept: { ...concept, coding, text: wording } };
}

/**
 * Lists the LOINC codes of an Observation that are a question or a panel of the shelf; else the
 * question that its words ask.
 */
export function screeningQuestionsIn(
  { code }: { code?: unknown },
  instruments: readonly Instrument[],
): string[] {
  if (!isObject(code)) return [];
  const concept = code as fhir4.CodeableConcept;
  const { questions, panels } = indexShelf(instruments);
  return loincOf(findQuestion(concept, instruments)?.concept ?? concept).filter(
    (one) => questions.has(one) || panels.has(one),
  );
}
