import type { ConsentScope } from '../consent/consent-scope.ts';
import { isFinal, isUntaken } from '../task-state-machine.ts';
import { needsAddress } from './address-needs.ts';

/** How far the work is: nobody has said yes, the partner has, or the Task has ended. */
export type RequestStage = 'asked' | 'accepted' | 'over';

/** A person as far as grants show them. */
type Shown = { address?: readonly string[] | undefined };

/** The facts of a request from which the page of its partner is made. */
export type RequestFacts<Person extends Shown> = {
  /** Status of the Task. */
  status: string;
  /** An answer that ends the Task waits until it can be undone no more. */
  isEnding: boolean;
  /** Category of help, in the code of the guide. */
  category: string;
  /** What kind of partner is asked, such as `food` or `legal`. */
  kind: string;
  /** The moment by which the partner should answer. */
  answerBy?: string | undefined;
  /** The date by which the help must come, YYYY-MM-DD. */
  mustBy?: string | undefined;
  householdSize?: number | undefined;
  /** Undefined where the grants show nothing. */
  person?: Person | undefined;
};

/** A request as the page of its partner shows it. DECISIONS D199. */
export type RequestView<Person extends Shown> = {
  stage: RequestStage;
  category: string;
  isLegal: boolean;
  answerBy?: string | undefined;
  mustBy?: string | undefined;
  householdSize?: number | undefined;
  /** Undefined before the yes, and once the Task has ended. */
  person?: Person | undefined;
};

/** Tells how far the work of a Task is, as its partner sees it. */
export function requestStage(status: string): RequestStage {
  if (isUntaken(status)) return 'asked';
  return isFinal(status) ? 'over' : 'accepted';
}

/** Shows a request to its partner. Before the yes nothing tells who the person is. */
export function requestView<Person extends Shown>(
  facts: RequestFacts<Person>,
): RequestView<Person> {
  const stage = requestStage(facts.status);
  const { category, kind, answerBy, mustBy, householdSize } = facts;
  return {
    stage,
    category,
    isLegal: kind === 'legal',
    answerBy: stage === 'asked' ? answerBy : undefined,
    mustBy,
    householdSize: stage === 'over' ? undefined : householdSize,
    person: stage === 'accepted' ? personOf(facts) : undefined,
  };
}

function personOf<Person extends Shown>(facts: RequestFacts<Person>): Person | undefined {
  const { person, category, isEnding } = facts;
  if (!person || (needsAddress(category) && !isEnding)) return person;
  return { ...person, address: undefined };
}

/**
 * Tells whether a partner may ask for the name before it says yes, to see a conflict or a client of
 * its own: the consent names this very partner, and the name. A kind of place names nobody.
 */
export function coversNameCheck(scope: ConsentScope | undefined, partner: string): boolean {
  if (scope === undefined || scope.except.includes(partner)) return false;
  return (scope.places ?? []).includes(partner) && scope.elements.includes('name');
}
