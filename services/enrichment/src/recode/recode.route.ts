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
/**
 * The most people of a dry run over HTTP, which has to answer soon. `loopwell recode` compares all.
 */
const most = 2_000;

/**
 * Adds the routes for coding all people again: a dry run that counts the changes, the work itself,
 * and its progress.
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
