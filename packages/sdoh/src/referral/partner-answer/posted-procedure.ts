import { brokenRule, holdsModifier, modifiersCarried } from '@loopwell/fhir';
import { isObject } from '../../fhir-json/tolerant-readers.ts';
import { type Loose, listOf } from './answer-words.ts';
import { whyNoHelp } from './partner-procedure.ts';

/** A rule that a posted resource breaks, and where: a FHIRPath from the resource's type. */
export type PostedProblem = { path: string; rule: string };

/** Elements of a Procedure with one value that is an object, and those with a list of objects. */
const objects = ['meta', 'subject', 'code', 'category', 'outcome', 'encounter', 'performedPeriod'];
const lists = ['identifier', 'basedOn', 'performer', 'reasonCode', 'note', 'contained'];

const structure = ['no-type', 'other-type', 'too-deep', 'two-values', 'missing-status'] as const;

/**
 * Lists what is wrong with the form of a Procedure that a partner posts: another type, or an
 * element that is not of the kind that FHIR R4 has there.
 */
export function formProblems(posted: unknown): PostedProblem[] {
  const broken = brokenRule(posted, structure, 'Procedure');
  if (broken) return [{ path: placeOf(broken.path), rule: broken.rule }];
  const procedure = posted as Loose;
  const isNoObject = (key: string) => key in procedure && !isObject(procedure[key]);
  const isNoList = (key: string) => key in procedure && !isListOfObjects(procedure[key]);
  return [
    ...objects.filter(isNoObject).map((key) => ({ path: placeOf(key), rule: 'object' })),
    ...lists.filter(isNoList).map((key) => ({ path: placeOf(key), rule: 'list-of-objects' })),
  ];
}

const placeOf = (path: string) => (path === '' ? 'Procedure' : `Procedure.${path}`);

const isListOfObjects = (json: unknown) =>
  Array.isArray(json) && json.length > 0 && json.every(isObject);

/** Statuses of a Procedure (R4 event-status, required). */
const statuses: readonly unknown[] = [
  'preparation',
  'in-progress',
  'not-done',
  'on-hold',
  'stopped',
  'completed',
  'entered-in-error',
  'unknown',
];

/**
 * Lists why a Procedure whose form is right cannot be taken: a modifier that we do not know, a
 * status outside its value set, or nothing that says what was done. A status that is no help is
 * taken as it is. Who and what it is about is for the caller, which knows the grants.
 */
export function contentProblems(procedure: Record<string, unknown>): PostedProblem[] {
  const problems = modifierProblems(procedure);
  if (!statuses.includes(procedure.status))
    problems.push({ path: 'Procedure.status', rule: 'event-status' });
  // Only a Procedure without a code is none, since its type and status were looked at before.
  const nothingElse = { ...procedure, basedOn: [], subject: {} };
  const why = whyNoHelp(nothingElse, { person: '', serviceRequest: null });
  if (why === 'not-a-procedure') problems.push({ path: 'Procedure.code', rule: 'required' });
  return problems;
}

function modifierProblems(procedure: Loose): PostedProblem[] {
  const places = modifiersCarried(procedure).map(placeOf);
  const contained = listOf(procedure.contained);
  const isInside = holdsModifier(procedure) || contained.some((inner) => holdsModifier(inner));
  if (places.length === 0 && isInside) places.push('Procedure');
  return places.map((path) => ({ path, rule: 'not-understood' }));
}
