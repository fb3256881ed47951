import type { Log } from '@loopwell/kit';
import type { NudgeFunction, StageWork } from '@loopwell/pipeline';
import type { Database } from '@loopwell/store';
import { enrichmentWorks } from './workers.ts';

/** `timeZone`: the site's, where somebody has set it; times without an offset are read in it. */
export type EnrichmentSettings = {
  batch: number;
  concurrency: number;
  timeZone?: string | undefined;
};
export type Enrichment = { works: StageWork[] };

/** Wires screen and code. */
export function wire(
  settings: EnrichmentSettings,
  resources: { db: Database; nudge: NudgeFunction; log: Log },
): Enrichment {
  return { works: enrichmentWorks({ ...resources, ...settings }) };
}
