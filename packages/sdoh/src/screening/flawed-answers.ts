import type { Flaw, fhir4 } from '@loopwell/fhir';
import { codeOf, flawsOf, severityOf } from '../fhir-json/flaws.ts';
import { omitUndefined } from '../fhir-json/omit-undefined.ts';
import type { Answer, CodingIssue } from '../model.ts';

/** Lists what is not as FHIR says in a resource, each with its place. */
export function listFlawIssues(resource: fhir4.Resource): CodingIssue[] {
  const flaws = flawsOf(resource).filter((flaw) => flaw.text !== '');
  const source = `${resource.resourceType}/${resource.id ?? ''}`;
  return flaws.map(({ kind, path, text }) => {
    const issue: CodingIssue = { severity: severityOf(kind), code: codeOf(kind), text, source };
    if (path !== '') issue.place = path;
    return issue;
  });
}

const ranks = ['not-understood', 'unreadable', 'invalid'] as const;

/** Voids answers that must not be acted on: what was asked stays, what was answered does not. */
export function voidFlawedAnswers(answers: Answer[], resource: object): Answer[] {
  const flaws = flawsOf(resource).filter((flaw) => flaw.voids !== undefined);
  if (flaws.length === 0) return answers;
  return answers.map((answer) => {
    // A question without an answer says nothing wrong, unless its own place cannot be read.
    if (answer.blank && !flaws.some((flaw) => flaw.voids?.unit === answer.place)) return answer;
    const reaching = flaws.filter((flaw) => isReached(answer.place, flaw));
    const invalid = ranks.find((rank) => reaching.some((flaw) => flaw.kind === rank));
    if (invalid === undefined) return answer;
    return { ...withoutAnswer(answer), invalid: invalid === 'invalid' ? 'no-date' : invalid };
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

/** Removes what was answered, and keeps what was asked, and where. */
function withoutAnswer(answer: Answer): Answer {
  const { question, asked, called, alsoAsked, mendedQuestion, related } = answer;
  const { source, place, authored } = answer;
  return omitUndefined<Answer>({
    question,
    source,
    place,
    authored,
    asked,
    called,
    alsoAsked,
    mendedQuestion,
    related,
  });
}
