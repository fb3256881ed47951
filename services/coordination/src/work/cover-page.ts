import {
  type App,
  button,
  fields,
  type Html,
  html,
  type Pages,
  selectField,
  textField,
} from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { work } from '@loopwell/store';
import { uuid } from '../decide/form-data.ts';
import { sectionNotice } from '../person-section.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { whoText } from '../texts/standing-sentence.ts';
import { addCover, endCover, readTeam } from './record-work.ts';
import { parseCover } from './work-body.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

type Cover = Awaited<ReturnType<typeof work.coversOn>>[number];
type CoverView = { covers: readonly Cover[]; team: readonly string[]; today: string };
type Feedback = { isDone?: boolean; problem?: AppError; typed?: Readonly<Record<string, string>> };

/** Adds the page on which somebody who is away is covered for. */
export function addCoverPage(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  const read = (): Promise<CoverView> =>
    deps.tx(async (tx) => {
      const today = todayOf(deps);
      return { today, covers: await work.coversOn(tx, today), team: await readTeam(tx) };
    });
  app.route('get', '/covers', person, async (request, response, principal) => {
    const view = await read();
    const feedback = { isDone: request.query.done === 'recorded' };
    pages.show(response, (texts) => ({
      title: texts.work.cover.title,
      body: coverPage(view, feedback, texts),
      principal,
      current: '/covers',
    }));
  });
  app.route('post', '/covers', person, async (request, response, principal) => {
    const form = (request.body ?? {}) as Record<string, string>;
    try {
      if (form.end !== undefined) await endCover(deps, principal, requireId(form.end));
      else await addCover(deps, principal, parseCover(form, todayOf(deps)));
      response.redirect(303, '/covers?done=recorded');
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'REQUEST_INVALID') throw error;
      const view = await read();
      pages.show(response, (texts) => ({
        title: texts.work.cover.title,
        body: coverPage(view, { problem: error, typed: form }, texts),
        principal,
        current: '/covers',
        status: 400,
      }));
    }
  });
}

/** @throws AppError NOT_FOUND for what is no id */
function requireId(text: string): string {
  if (!uuid.test(text)) throw new AppError('NOT_FOUND', 'There is no such cover');
  return text;
}

function coverPage(view: CoverView, feedback: Feedback, texts: ReviewTexts): Html {
  const { cover: words } = texts.work;
  const { isDone = false, problem, typed = {} } = feedback;
  const errorOf = (name: string) => {
    const { field, rule } = problem?.facts ?? {};
    return field === name ? (words.problems[`${name} ${rule}`] ?? words.problems[name]) : undefined;
  };
  const people = view.team
    .map((one) => whoText(one, texts))
    .map((name) => ({ code: name, label: name }));
  const choose = (name: string, label: string) =>
    selectField({
      id: name,
      name,
      label,
      error: errorOf(name),
      chosen: typed[name],
      options: [{ code: '', label: texts.forms.choose }, ...people],
    });
  const until = textField({
    id: 'until',
    name: 'until',
    label: words.until,
    type: 'date',
    min: view.today,
    text: typed.until,
    error: errorOf('until'),
  });
  const record = button({ label: words.record, kind: 'primary' });
  return html`${sectionNotice({ isDone, problem }, words)}
<p class="hint">${words.intro}</p>
<form method="post" action="/covers">${fields(choose('away', words.away), choose('cover', words.coverer), until, record)}</form>
${view.covers.length === 0 ? html`<p>${words.none}</p>` : html`<ul>${view.covers.map((cover) => coverItem(cover, texts))}</ul>`}`;
}

function coverItem({ id, away, cover, until }: Cover, texts: ReviewTexts): Html {
  const { work: words } = texts;
  const owner = whoText(away, texts);
  const end = button({
    label: words.cover.end,
    accessibleName: words.cover.endFor(owner),
    name: 'end',
    sends: id,
  });
  return html`<li>${words.covers(whoText(cover, texts), owner, until)} <form method="post" action="/covers">${end}</form></li>
`;
}
