import { epic } from './epic/index.ts';
import { hapi } from './hapi/index.ts';
import { oracleHealth } from './oracle-health/index.ts';
import { plainR4 } from './plain-r4/index.ts';
import type { EhrQuirks } from './quirks.ts';

export { readAround } from './around.ts';
export type { Forms } from './form.ts';
export { type AroundPage, type Hole, holeReason } from './holes.ts';
export type { EhrQuirks } from './quirks.ts';
export {
  givesAny,
  newestAfter,
  type PullWindow,
  pullWindow,
  shortOf,
  type WindowClient,
  type WindowPage,
} from './window.ts';

/** Lists the kinds of EHR. Adding an EHR is one folder and one line here. */
export const ehrs: readonly EhrQuirks[] = [plainR4, epic, hapi, oracleHealth];

/** Finds quirks by id. An unknown id gives plain R4. */
export const quirksOf = (id: string): EhrQuirks => ehrs.find((one) => one.id === id) ?? plainR4;
