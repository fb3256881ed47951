import { instruments } from '@loopwell/instruments';
import { readable, screeningQuestionsIn } from '@loopwell/sdoh';

/** True for an Observation whose code is a question or a panel of an instrument of the shelf. */
export const asksKnown = (observation: object): boolean => screeningQuestionsIn(readable(observation), instruments).length > 0;
