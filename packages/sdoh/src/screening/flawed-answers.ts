import type { Flaw, fhir4 } from '@loopwell/fhir';
import { codeOf, flawsOf, severityOf } from '../fhir-json/flaws.ts';
import type { Answer, CodingIssue } from '../model.ts';

/** What is said of a resource that is not as FHIR says, each with its place. */
export function flawIssues(resource: fhir4.Resource): CodingIssue[] {
  const flaws = flawsOf(resource);
  if (flaws.length === 0) return [];
  const source = `${resource.resourceType}/${resource.id ?? ''}`;
  return flaws.flatMap(({ kind, path, text }) =>
    text === ''
      ? []
      : [
          {
            severity: severityOf(kind),
            code: codeOf(kind),
            text,
            source,
            ...(path === '' ? {} : { place: path }),
          },
        ],
  );
}

const ranks = ['not-understood', 'unreadable', 'invalid'] as const;

/** Answers that must not be acted on: what was asked stays, what was said does not. */
export function voided(answers: Answer[], resource: object): Answer[] {
  const flaws = flawsOf(resource).filter((one) => one.voids !== undefined);
  if (flaws.length === 0) return answers;
  return answers.map((answer) => {
    // What was not answered says nothing wrong, unless its own place cannot be read.
    if (answer.blank && !flaws.some((one) => one.voids?.unit === answer.place)) return answer;
    const kinds = new Set(flaws.flatMap((one) => (isReached(answer.place, one) ? [one.kind] : [])));
    const invalid = ranks.find((kind) => kinds.has(kind));
    return invalid === undefined
      ? answer
      : { ...questionOf(answer), invalid: invalid === 'invalid' ? 'no-date' : invalid };
  });
}

function isReached(place: string, { voids }: Flaw): boolean {
  if (!voids) return false;
  const { unit, below } = voids;
  if (unit === '') return true;
  if (!place.startsWith(unit)) return false;
  const rest = place.slice(unit.length);
  return rest === '' || (below ? rest.startsWith('.') : /^\.answer\[\d+\]$/.test(rest));
}

function questionOf({
  question,
  asked,
  called,
  alsoAsked,
  mendedQuestion,
  related,
  source,
  place,
  authored,
}: Answer): Answer {
  return {
    question,
    source,
    place,
    authored,
    ...(asked === undefined ? {} : { asked }),
    ...(called === undefined ? {} : { called }),
    ...(alsoAsked === undefined ? {} : { alsoAsked }),
    ...(mendedQuestion === undefined ? {} : { mendedQuestion }),
    ...(related === undefined ? {} : { related }),
  };
}
