import type { App, Pages, Principal, Response } from '@loopwell/http';
import { personSearch } from '@loopwell/sdoh';
import { people, peopleLists, personViews, restrictedCharts, type Tx } from '@loopwell/store';
import { uuid } from '../decide/form-data.ts';
import { readPersonFacts } from '../read/person-facts.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { isBroken, type SearchView, searchPage } from './search-page.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

/** How many people a search shows. */
const mostShown = 20;

const empty: SearchView = {
  typed: '',
  people: [],
  first: new Set(),
  hasMore: false,
  problem: undefined,
};

/**
 * Adds the search for a person. What was typed is kept for a short time behind a random id, so that
 * no address holds anything of it.
 */
export function addSearch(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  app.route('post', '/people/search', person, async (request, response, principal) => {
    const { find } = (request.body ?? {}) as { find?: unknown };
    const typed = typeof find === 'string' ? find.slice(0, 200) : '';
    const { problem } = personSearch(typed, todayOf(deps));
    if (problem) return showSearch(pages, response, principal, { ...empty, typed, problem });
    const id = await deps.tx((tx) => people.keepSearch(tx, principal.id, typed));
    response.redirect(303, `/people?search=${id}`);
  });
  app.route('get', '/people/search', person, (_request, response) =>
    response.redirect(303, '/people'),
  );
  app.route('get', '/people', person, async (request, response, principal) => {
    const { search } = request.query;
    const id = typeof search === 'string' && uuid.test(search) ? search : undefined;
    const view = await deps.tx((tx) => readSearch(tx, principal, id, deps));
    showSearch(pages, response, principal, view);
  });
}

function showSearch(
  pages: Pages<ReviewTexts>,
  response: Response,
  principal: Principal,
  view: SearchView,
): void {
  pages.show(response, (texts) => ({
    title: texts.search.title,
    body: searchPage(view, texts),
    principal,
    current: '/people',
    status: isBroken(view.problem) ? 400 : 200,
  }));
}

async function readSearch(
  tx: Tx,
  principal: Principal,
  id: string | undefined,
  deps: ReviewDeps,
): Promise<SearchView> {
  if (id === undefined) return empty;
  const typed = await people.readSearch(tx, principal.id, id);
  if (typed === undefined) return { ...empty, problem: 'ended' };
  const search = personSearch(typed, todayOf(deps));
  if (search.words === undefined) return { ...empty, typed, problem: search.problem };
  await peopleLists.readForPage(tx);
  const hidden = new Set(await restrictedCharts.hiddenPatients(tx, principal));
  const fitting = await people.findPeople(tx, search.words, mostShown + 1 + hidden.size);
  const shown = fitting.filter((human) => !hidden.has(human));
  const humans = shown.slice(0, mostShown);
  const facts = await readPersonFacts(tx, humans, todayOf(deps));
  const persons = [...facts.values()];
  const views = persons.flatMap(({ patients }) => patients);
  await personViews.logViews(tx, { principal, page: '/people', people: views, what: 'search' });
  const first = new Set(await peopleLists.markedPeople(tx));
  const problem = persons.length === 0 ? ('none' as const) : undefined;
  const hasMore = shown.length > mostShown;
  return { typed, people: persons, first, hasMore, problem, isYearAlone: search.isYearAlone };
}
