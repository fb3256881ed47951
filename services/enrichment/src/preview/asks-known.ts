import type { fhir4 } from '@loopwell/fhir';
import { instruments } from '@loopwell/instruments';
import { mayBeScreening, readable, screeningQuestionsIn } from '@loopwell/sdoh';

/** Tells whether an Observation's code is a question or a panel of one of our instruments. */
export const asksKnown = (observation: object): boolean =>
  screeningQuestionsIn(readable(observation), instruments).length > 0;

/** Tells whether an Observation may be a screening: it has no FHIR category that says otherwise. */
export const mayBeAnswer = (observation: object): boolean =>
  mayBeScreening(readable(observation) as fhir4.Observation);
