import {
  type App,
  type Html,
  html,
  notice,
  type Pages,
  type Principal,
  type Response,
} from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { freshForm, type Typed } from '../decide/form-data.ts';
import { lateHelpNotice, readLateHelp } from '../on-duty/late-help.ts';
import { type Feedback, feedbackNotices } from '../pages/parts.ts';
import { type ListPlace, listPlaces, placeAt } from '../read/people-lists.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { choosePage } from './choose-page.ts';
import { readMenuCounts } from './menu-counts.ts';
import { peopleListPage } from './people-list-page.ts';
import { personBeside, readBeside } from './person-beside.ts';
import { type Chosen, chosenIn, readChosen } from './read-chosen.ts';
import { readPeopleList } from './read-people-list.ts';
import { addSearch } from './search.route.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

type Query = Readonly<Record<string, unknown>>;

/** What a form led to: for the page that it came from. */
export type ListAgain = Feedback & { typed?: Typed };

/** Shows a list again after its form, with what came of it; false where the address is no list. */
export type ShowList = (
  response: Response,
  principal: Principal,
  back: string,
  again: ListAgain,
) => Promise<boolean>;

/** Reads from the address what was just recorded. */
export type ReadDone = (principal: Principal, asked: Query) => Promise<Feedback>;

type Shown = { app: App; deps: ReviewDeps; pages: Pages<ReviewTexts>; readDone: ReadDone };

/** Adds the lists of people by work and the search. */
export function addWorklist(
  app: App,
  deps: ReviewDeps,
  pages: Pages<ReviewTexts>,
  readDone: ReadDone,
): ShowList {
  const shown = { app, deps, pages, readDone };
  app.readMenuCounts = (principal) => deps.tx((tx) => readMenuCounts(tx, principal, todayOf(deps)));
  for (const place of listPlaces)
    app.route('get', place.path, person, async (request, response, principal) => {
      const done = await readDone(principal, request.query);
      await showList(shown, response, principal, { place, asked: request.query, again: done });
    });
  addChoosing(shown);
  addSearch(app, deps, pages);
  return async (response, principal, back, again) => {
    const { pathname, searchParams } = new URL(back, 'http://localhost');
    const place = placeAt(pathname);
    if (!place) return false;
    const chosen = again.typed && again.problem && chosenFrom(again.typed, back);
    const asked = Object.fromEntries(searchParams);
    if (chosen) await showChosen(shown, response, principal, { chosen, asked, again });
    else await showList(shown, response, principal, { place, asked, again });
    return true;
  };
}

/** Finds who was chosen in a form that could not be recorded. */
function chosenFrom({ text, people }: Typed & { people?: readonly string[] }, back: string) {
  const { list, action } = text;
  return chosenIn({ list, action, person: people ?? text.person, back });
}

type ListShown = { place: ListPlace; asked: Query; again: ListAgain };

async function showList(
  { deps, pages }: Shown,
  response: Response,
  principal: Principal,
  { place, asked, again }: ListShown,
): Promise<void> {
  const { view, beside, late } = await deps.tx(async (tx) => {
    const view = await readPeopleList(tx, principal, { place, asked, deps });
    const late = place.list === 'withoutHelp' ? await readLateHelp(tx, deps) : undefined;
    const beside = await readBeside(tx, view.chosen, { deps, principal, page: place.path });
    return { view, late, beside };
  });
  pages.show(response, (texts) => {
    const around = {
      notices: noticesOf(again, view.here, texts),
      person: beside && personBeside(beside, texts),
    };
    return {
      title: texts.peopleLists.titles[place.list],
      body: html`${late && lateHelpNotice(late, texts)}${peopleListPage(view, around, texts)}`,
      principal,
      current: place.path,
      status: statusOf(again),
    };
  });
}

const noticesOf = (again: ListAgain, back: string, texts: ReviewTexts): Html | undefined => {
  const { done, problem, leftOut, made, undone } = again;
  if (problem?.code === 'REQUEST_INVALID' && problem.facts.field === 'person')
    return notice('problem', texts.peopleLists.nobody);
  const isAny = done || problem || leftOut || made || undone;
  return isAny ? feedbackNotices(again, back, texts) : undefined;
};

const statusOf = ({ problem }: ListAgain): number => {
  if (problem === undefined) return 200;
  return { CONFLICT: 409, FORBIDDEN: 403 }[problem.code as string] ?? 400;
};

function addChoosing(shown: Shown): void {
  shown.app.route('post', '/decide/choose', person, async (request, response, principal) => {
    const chosen = chosenIn(request.body);
    if (!chosen) throw new AppError('REQUEST_INVALID', 'This form names no list and no action');
    const asked = Object.fromEntries(new URL(chosen.back, 'http://localhost').searchParams);
    await showChosen(shown, response, principal, { chosen, asked, again: {} });
  });
}

/** Shows who was chosen before anything is recorded; the list again where there is nobody. */
async function showChosen(
  shown: Shown,
  response: Response,
  principal: Principal,
  { chosen, asked, again }: { chosen: Chosen; asked: Query; again: ListAgain },
): Promise<void> {
  const { deps, pages } = shown;
  const { place } = chosen;
  const typed = again.typed ?? freshForm(principal);
  try {
    if (chosen.humans.length === 0) throw nobody();
    const view = await deps.tx((tx) => readChosen(tx, principal, chosen, { deps, typed }));
    pages.show(response, (texts) => ({
      title: texts.peopleLists.confirm[chosen.action].title,
      body: choosePage(
        { ...view, problem: again.problem },
        noticesOf(again, chosen.back, texts) ?? false,
        texts,
      ),
      principal,
      current: place.path,
      status: statusOf(again),
    }));
  } catch (error) {
    const isExplained = error instanceof AppError && /REQUEST_INVALID|CONFLICT/.test(error.code);
    if (!isExplained) throw error;
    const problem = again.problem ?? error;
    await showList(shown, response, principal, { place, asked, again: { problem } });
  }
}

const nobody = () =>
  new AppError('REQUEST_INVALID', 'Choose at least one person', { facts: { field: 'person' } });
