import { instruments } from '@loopwell/instruments';
import type { Log } from '@loopwell/kit';
import { defaultRetry, type NudgeFunction, type StageWork, workPure } from '@loopwell/pipeline';
import { type Database, isDatabaseAway, ledger } from '@loopwell/store';
import { screenStage } from './code/screen.ts';

export type EnrichmentWorkers = {
  db: Database;
  nudge: NudgeFunction;
  log: Log;
  batch: number;
  concurrency: number;
  timeZone?: string | undefined;
};

/** The stages that this service works. */
export function enrichmentWorks({
  db,
  nudge,
  log,
  batch,
  concurrency,
  timeZone,
}: EnrichmentWorkers): StageWork[] {
  const deps = {
    tx: db.tx,
    isAway: isDatabaseAway,
    ledger,
    nudge,
    retry: defaultRetry,
    principal: 'system:enrichment',
    log,
  };
  return (['screen', 'code'] as const).map((name) => {
    const stage = screenStage(name, instruments, batch, timeZone);
    return { stage: name, concurrency, work: (claim) => workPure(deps, stage, claim) };
  });
}
