import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { mayBeScreening, readable, screeningQuestionsIn } from '@loopwell/sdoh';

/** True for an Observation whose code is a question or a panel of an instrument of the shelf. */
export const asksKnown = (observation: object): boolean =>
  screeningQuestionsIn(readable(observation), instruments).length > 0;

/**
 * True where its category is none of FHIR's that say that it is something else than a screening.
 */
export const mayBeAnswer = (observation: object): boolean =>
  mayBeScreening(readable(observation) as fhir4.Observation);
