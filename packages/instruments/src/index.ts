import type { Instrument } from '@loopwell/sdoh';
import { ahcHrsn } from './ahc-hrsn/index.ts';
import { hungerVitalSign } from './hunger-vital-sign/index.ts';
import { prapare } from './prapare/index.ts';

/** The shelf. Adding an instrument is one folder and one line here. */
export const instruments: readonly Instrument[] = [ahcHrsn, hungerVitalSign, prapare];
