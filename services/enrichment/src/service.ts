import type { Clock, Log } from '@loopwell/kit';
import type { NudgeFunction, StageWork } from '@loopwell/pipeline';
import type { Database } from '@loopwell/store';
import { enrichmentWorks } from './workers.ts';

/**
 * The settings of enrichment. `place` has the site's time zone, if it is set; times without an
 * offset are read in it.
 */
export type EnrichmentSettings = {
  batch: number;
  concurrency: number;
  place?: Pick<Clock, 'timeZone'>;
};
export type Enrichment = { works: StageWork[] };

/** Wires the stages screen and code. */
export function wire(
  settings: EnrichmentSettings,
  resources: { db: Database; nudge: NudgeFunction; log: Log },
): Enrichment {
  return { works: enrichmentWorks({ ...resources, ...settings }) };
}
