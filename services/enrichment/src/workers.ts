import { instruments } from '@loopwell/instruments';
import type { Clock, Log } from '@loopwell/kit';
import { type NudgeFunction, type StageWork, workPure } from '@loopwell/pipeline';
import { stageDeps } from '@loopwell/service';
import type { Database } from '@loopwell/store';
import { screenStage } from './code/screen.ts';

export type EnrichmentWorkers = {
  db: Database;
  nudge: NudgeFunction;
  log: Log;
  batch: number;
  concurrency: number;
  place?: Pick<Clock, 'timeZone'>;
};

/** Makes the stages that this service works. */
export function enrichmentWorks({
  db,
  nudge,
  log,
  batch,
  concurrency,
  place,
}: EnrichmentWorkers): StageWork[] {
  const deps = stageDeps({ db, nudge, log }, 'enrichment');
  return (['screen', 'code'] as const).map((name) => {
    const stage = screenStage(name, instruments, batch, place);
    return { stage: name, concurrency, work: (claim) => workPure(deps, stage, claim) };
  });
}
