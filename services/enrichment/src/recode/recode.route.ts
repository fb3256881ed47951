import type { App } from '@loopwell/http';
import { systemClock } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/enrichment.ts';
import type { NudgeFunction } from '@loopwell/pipeline';
import type { Reader } from '../code/all-records.ts';
import { keptReports } from '../data-quality/kept-reports.ts';
import { compareWithStored } from './compare.ts';
import { readProgress, recodeEverybody } from './recode.ts';

/** The answers as `openapi/enrichment.yaml` describes them. */
type Answers = components['schemas'];

const operator = { kind: 'person-or-service', role: 'operator' } as const;
/** An answer has to come soon; `loopwell recode` looks at everybody. */
const most = 2_000;

/**
 * Coding everybody anew: first what it would change, in counts, then the work itself, and how far
 * it is.
 */
export function addRecodeRoutes(
  app: App,
  { db, nudge }: { db: Reader; nudge: NudgeFunction },
): void {
  const dryRuns = keptReports(
    (tenant) => compareWithStored(db, tenant, { most }),
    systemClock,
    'anew',
  );
  app.route('get', '/api/v1/recode', operator, async (_request, response, { tenant }) => {
    response.json(await progressOf(db, tenant));
  });
  app.route('post', '/api/v1/recode', operator, async (request, response, who) => {
    const { dryRun = true } = request.body as { dryRun?: boolean };
    if (!dryRun) {
      const people = await recodeEverybody(db, who, nudge);
      response.status(202).json({
        dryRun: false,
        people,
        progress: await progressOf(db, who.tenant),
      } satisfies Answers['RecodeBegun']);
      return;
    }
    const { at, report } = await dryRuns(who.tenant);
    const { examples: _examples, ...counts } = report;
    response.json({
      dryRun: true,
      most,
      at: at.toISOString(),
      ...counts,
    } satisfies Answers['RecodeDryRun']);
  });
}

async function progressOf(db: Reader, tenant: string): Promise<Answers['RecodeProgress']> {
  const { waiting, failed, last } = await readProgress(db, tenant);
  return { waiting, failed, last: last && { ...last, at: last.at.toISOString() } };
}
