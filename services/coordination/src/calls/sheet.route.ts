import type { App, Pages, Principal } from '@loopwell/http';
import { AppError, timeZoneOf } from '@loopwell/kit';
import { type Tx, tickets } from '@loopwell/store';
import { personNames } from '../person-names.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { readCalledPartner, readOpenRequests } from './read-calls.ts';
import { recordSheet } from './record-sheet.ts';
import { readSheet } from './sheet-body.ts';
import { type SheetView, sheetPage } from './sheet-page.ts';

const person = { kind: 'person', role: 'reviewer' } as const;
const path = '/partners/calls/:partnerId/sheet';

/**
 * Adds the sheet "Who came?" of a partner: to print, or to tick many people at once. Each line is
 * an answer of the partner in the inbox. DECISIONS D194.
 */
export function addSheet(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  type Response = Parameters<typeof pages.show>[0];
  const show = (response: Response, principal: Principal, view: SheetView) =>
    pages.show(response, (texts) => ({
      title: texts.calls.sheet.title(view.partner.name),
      body: sheetPage(view, texts),
      principal,
      current: '/partners/calls',
      status: view.typed?.problem === undefined ? 200 : 400,
    }));
  app.route('get', path, person, async (request, response, principal) => {
    const view = await readView(deps, principal, String(request.params.partnerId));
    show(response, principal, view);
  });
  app.route('post', path, person, async (request, response, principal) => {
    const view = await readView(deps, principal, String(request.params.partnerId));
    const typed = readSheet(request.body, timeZoneOf(deps.clock));
    if (typed.problem !== undefined) return show(response, principal, { ...view, typed });
    const result = await recordSheet(deps, principal, typed, view.requests);
    show(response, principal, { ...view, result });
  });
}

/** @throws AppError NOT_FOUND for a partner that the directory does not have */
const readView = (deps: ReviewDeps, principal: Principal, id: string): Promise<SheetView> =>
  deps.tx(async (tx: Tx) => {
    const partner = await readCalledPartner(tx, id);
    if (partner === undefined) throw new AppError('NOT_FOUND', 'There is no such partner');
    const ask = { which: 'all', partner: id } as const;
    const { requests } = await readOpenRequests(tx, { principal, page: path }, ask);
    const tasks = requests.map((request) => request.id);
    const people = [...new Set(requests.map((request) => request.person))];
    return {
      partner,
      requests,
      codes: await tickets.ticketsOf(tx, tasks),
      names: await personNames(tx, people, todayOf(deps)),
      timeZone: timeZoneOf(deps.clock),
    };
  });
