import { type fhir4, mapDefined, systems, withoutUndefined } from '@loopwell/fhir';
import type { PersonCoding } from '../coding/person-coding.ts';
import { findSafetyIssues } from '../coding/safety-issues.ts';
import { findUnread } from '../coding/unread-answers.ts';
import type { Instrument } from '../model.ts';
import { indexShelf } from '../screening/attribute-instrument.ts';
import { answersOfResponse } from '../screening/form-answers.ts';
import { answersOfObservation } from '../screening/observation-answers.ts';
import type { BundleRead, PlacedIssue } from './bundle-model.ts';
import { screenedOf } from './category-status.ts';
import { unreadSafetyOf } from './unread-safety.ts';

/** FHIR's own issue types for ours. */
const types: Readonly<Record<string, fhir4.OperationOutcomeIssue['code']>> = {
  sensitive: 'suppressed',
  'unmapped-question': 'code-invalid',
  'unmapped-answer': 'code-invalid',
  contradiction: 'conflict',
  'invalid-value': 'value',
  'missing-data': 'required',
  'not-conclusive': 'incomplete',
  'condition-review': 'business-rule',
};

/** All that a person has to look at or should know, each with its place in the input. */
export function issuesOf(
  read: BundleRead,
  coding: PersonCoding,
  instruments: readonly Instrument[],
): PlacedIssue[] {
  const place = ({
    source,
    place: within,
    ...one
  }: PersonCoding['reviews'][number]): PlacedIssue => {
    const path = read.entries.get(source)?.path;
    return { ...one, ...(path ? { expression: within ? `${path}.${within}` : path } : {}) };
  };
  // A Condition in doubt is said at the Condition: the screening that raises it does not say it again.
  const answered = coding.screenings.flatMap((screening) =>
    screening.issues.filter((issue) => issue.code !== 'condition-review'),
  );
  const unread = findUnread(read.record, coding.screenings, instruments);
  const placedIssues = [
    ...read.issues,
    ...nameless(read, coding),
    ...nobodysSafety(read, instruments),
    ...[...answered, ...unread, ...coding.reviews].map(place),
  ];
  const told = [...placedIssues, ...unreadSafetyOf(read, coding, placedIssues, instruments)];
  // A member that is there twice is found in the text and in its resource.
  const unique = new Map(
    told.map((placedIssue) => [
      `${placedIssue.code} ${placedIssue.expression} ${placedIssue.code === 'unreadable' ? '' : placedIssue.text}`,
      placedIssue,
    ]),
  );
  return [...[...unique.values()].sort(byPlace), ...screenedOf(coding)];
}

/** An answer about safety of which nothing tells whose it is: somebody may be in danger. */
function nobodysSafety(
  { unattributed }: BundleRead,
  instruments: readonly Instrument[],
): PlacedIssue[] {
  return mapDefined(unattributed, ({ resource, path }) => {
    const answers =
      resource.resourceType === 'Observation'
        ? answersOfObservation(resource as fhir4.Observation, indexShelf(instruments).questions)
        : resource.resourceType === 'QuestionnaireResponse'
          ? (answersOfResponse(resource as fhir4.QuestionnaireResponse) ?? [])
          : [];
    const [first] = findSafetyIssues(
      answers.map((one) => ({ ...one, invalid: 'unreadable' })),
      instruments,
    );
    const text =
      'It is about safety, and nothing tells whose answer it is: a person looks at it first.';
    return first
      ? {
          severity: 'warning',
          code: 'sensitive',
          text,
          expression: first.place ? `${path}.${first.place}` : path,
        }
      : undefined;
  });
}

/** Conditions on file that evidence belongs to and that nothing can name. */
function nameless(read: BundleRead, coding: PersonCoding): PlacedIssue[] {
  return mapDefined(coding.evidenceAdded, (one) => {
    const entry = read.entries.get(one.condition);
    if (!entry || entry.hasId) return undefined;
    const text =
      'The Condition on file has no id: what was answered cannot be added to it as evidence.';
    return { severity: 'warning', code: 'missing-data', text, expression: entry.path };
  });
}

const indexOf = (placedIssue: PlacedIssue) =>
  Number(/entry\[(\d+)\]/.exec(placedIssue.expression ?? '')?.[1] ?? -1);

function byPlace(a: PlacedIssue, b: PlacedIssue): number {
  const [left, right] = [
    `${a.expression} ${a.code} ${a.text}`,
    `${b.expression} ${b.code} ${b.text}`,
  ];
  return indexOf(a) - indexOf(b) || (left < right ? -1 : left > right ? 1 : 0);
}

/** An OperationOutcome by the coding contract: our code first, the SDOHCC category behind it. */
export function outcomeOf(issues: readonly PlacedIssue[]): fhir4.OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map((placedIssue) => ({
      severity: placedIssue.severity,
      code:
        placedIssue.severity === 'information'
          ? 'informational'
          : placedIssue.severity === 'error'
            ? 'structure'
            : (types[placedIssue.code] ?? 'processing'),
      details: {
        coding: [
          { system: systems.codingIssue, code: placedIssue.code },
          ...(placedIssue.category ? [{ system: systems.sdohcc, code: placedIssue.category }] : []),
        ],
        text: placedIssue.text,
      },
      ...withoutUndefined({
        expression: placedIssue.expression ? [placedIssue.expression] : undefined,
      }),
    })),
  };
}
