import { type App, html, type Pages, type Principal } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { partnerTexts, type Tx } from '@loopwell/store';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { callPage, callsPage } from './calls-page.ts';
import { readCalledPartner, readOpenRequests } from './read-calls.ts';
import { addSheet } from './sheet.route.ts';
import { readTexted, textedSection } from './texted-section.ts';
import { addTold } from './told.route.ts';
import { readLeftToTell, toldSection } from './told-section.ts';

const person = { kind: 'person', role: 'reviewer' } as const;
const listPath = '/partners/calls';
const pagePath = `${listPath}/:partnerId`;

/**
 * Adds the list of partners to call, and for each of them what may be said. Neither names anybody.
 * DECISIONS D194.
 */
export function addCallPages(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  addSheet(app, deps, pages);
  addTold(app, deps);
  app.route('get', listPath, person, async (_request, response, principal) => {
    const showing = { principal, page: listPath };
    const calls = await deps.tx((tx) => {
      return readOpenRequests(tx, showing, { which: 'calls' });
    });
    const left = await deps.tx((tx) => readLeftToTell(tx, showing, todayOf(deps)));
    const texted = await deps.tx(readTexted);
    pages.show(response, (texts) => ({
      title: texts.calls.list.title,
      body: html`${callsPage(calls, texts)}${toldSection(left, texts)}${textedSection(texted, texts)}`,
      principal,
      current: listPath,
    }));
  });
  app.route('post', `${listPath}/texts`, person, async (request, response, principal) => {
    const { id } = request.body as { id?: unknown };
    if (typeof id !== 'string' || id === '')
      throw new AppError('REQUEST_INVALID', 'Choose a text', { facts: { field: 'id' } });
    await deps.tx((tx) => partnerTexts.seeText(tx, id, principal.id));
    response.redirect(303, listPath);
  });
  app.route('get', pagePath, person, async (request, response, principal) => {
    const id = String(request.params.partnerId);
    const { partner, calls } = await deps.tx((tx) => readCall(tx, principal, id));
    pages.show(response, (texts) => ({
      title: texts.calls.page.title(partner.name),
      body: callPage(partner, calls, texts),
      principal,
      current: listPath,
    }));
  });
}

/** @throws AppError NOT_FOUND for a partner that the directory does not have */
async function readCall(tx: Tx, principal: Principal, id: string) {
  const partner = await readCalledPartner(tx, id);
  if (partner === undefined) throw new AppError('NOT_FOUND', 'There is no such partner');
  const showing = { principal, page: pagePath };
  const { requests, hidden } = await readOpenRequests(tx, showing, { which: 'calls' });
  const theirs = requests.filter((request) => request.partner === id);
  return {
    partner,
    calls: { requests: theirs, hidden },
  };
}
