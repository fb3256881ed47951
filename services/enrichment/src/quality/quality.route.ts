import { type App, createViews } from '@loopwell/http';
import { systemClock } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/enrichment.ts';
import { onFileSentence, questionLabel } from '@loopwell/sdoh';
import type { Reader } from '../recode/all-records.ts';
import { keptReports } from './kept-reports.ts';
import { readQuality } from './quality.ts';

const role = 'operator';
/** A page has to come soon; `loopwell quality` looks at everybody. */
const most = 2_000;

type Quality = components['schemas']['EhrQuality'];

/** The data-quality report: a page for operators, and the same as an API. */
export function addQualityRoutes(app: App, db: Reader): void {
  const views = createViews(app, new URL('../../views/', import.meta.url));
  const read = keptReports((tenant) => readQuality(db, tenant, { most }), systemClock);
  app.route('get', '/quality', { kind: 'person', role }, async (_request, response, principal) => {
    const { at, report } = await read(principal.tenant);
    const ehrs = report.map(forPage);
    views(response, {
      template: 'quality',
      title: 'Data quality',
      data: { ehrs, most, at },
      principal,
      current: '/quality',
    });
  });
  app.route(
    'get',
    '/api/v1/quality',
    { kind: 'person-or-service', role },
    async (_request, response, principal) => {
      const { at, report } = await read(principal.tenant);
      response.json({ most, at: at.toISOString(), items: report satisfies Quality[] });
    },
  );
}

const byCount = (counts: Record<string, number>) =>
  Object.entries(counts).sort(([a, one], [b, two]) => two - one || (a < b ? -1 : 1));

const labeled = (counts: Record<string, { label: string; count: number }>) =>
  Object.entries(counts)
    .sort(([a, one], [b, two]) => two.count - one.count || (a < b ? -1 : 1))
    .map(([code, { label, count }]) => ({ code, label, count }));

const forPage = (one: Awaited<ReturnType<typeof readQuality>>[number]) => ({
  ...one,
  instruments: Object.values(one.instruments).map((instrument) => ({
    ...instrument,
    questions: Object.entries(instrument.questions)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, question]) => ({
        code,
        ...question,
        share: Math.round((question.coded * 100) / Math.max(1, question.arrived)),
      })),
  })),
  unknown: Object.values(one.unknown)
    .sort(
      (a, b) => b.count - a.count || (`${a.question}${a.code}` < `${b.question}${b.code}` ? -1 : 1),
    )
    .slice(0, 50),
  mended: byCount(one.mended).map(([question, count]) => ({
    question,
    label: questionLabel(one, question),
    count,
  })),
  notScreening: labeled(one.notScreening),
  onFile: { ...one.onFile, says: onFileSentence(one.onFile), byCode: labeled(one.onFile.byCode) },
  issues: byCount(one.issues),
});
