import {
  type App,
  button,
  fields,
  type Html,
  html,
  notice,
  type Pages,
  RequestProblems,
  selectField,
  textArea,
} from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { needCatalog } from '@loopwell/sdoh';
import { work } from '@loopwell/store';
import type { ReviewDeps } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { parseDueList } from './add-need-body.ts';
import { type DueResult, recordDueList } from './due-list.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

type Feedback = {
  result?: DueResult;
  problem?: AppError;
  typed?: Readonly<Record<string, string>>;
};

/** Adds the page that takes a due list: who needs what, and by when. */
export function addDueListPage(app: App, deps: ReviewDeps, pages: Pages<ReviewTexts>): void {
  const read = () => deps.tx((tx) => work.connectionNames(tx));
  app.route('get', '/due-lists', person, async (_request, response, principal) => {
    const connections = await read();
    pages.show(response, (texts) => ({
      title: texts.addNeed.dueList.title,
      body: dueListPage(connections, {}, texts),
      principal,
      current: '/due-lists',
    }));
  });
  app.route('post', '/due-lists', person, async (request, response, principal) => {
    const typed = (request.body ?? {}) as Record<string, string>;
    const feedback: Feedback = { typed };
    try {
      feedback.result = await recordDueList(deps, principal, parseDueList(typed));
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'REQUEST_INVALID') throw error;
      feedback.problem = error;
    }
    const connections = await read();
    pages.show(response, (texts) => ({
      title: texts.addNeed.dueList.title,
      body: dueListPage(connections, feedback, texts),
      principal,
      current: '/due-lists',
      status: feedback.problem === undefined ? 200 : 400,
    }));
  });
}

function dueListPage(
  connections: readonly string[],
  { result, problem, typed = {} }: Feedback,
  texts: ReviewTexts,
): Html {
  const { dueList: words, services } = texts.addNeed;
  const field = problem?.facts.field;
  const connection = selectField({
    id: 'connection',
    name: 'connection',
    label: words.connection,
    options: connections.map((code) => ({ code, label: code })),
    chosen: typed.connection,
    error: field === 'connection' ? words.noConnection : undefined,
  });
  const csv = textArea({
    id: 'csv',
    name: 'csv',
    label: words.list,
    text: result === undefined ? (typed.csv ?? '') : '',
    error: field === 'csv' ? words.wrong : undefined,
  });
  const codes = needCatalog.map(
    ({ code }) => html`<dt>${code}</dt><dd>${services[code] ?? texts.need(code)}</dd>`,
  );
  return html`${outcome(result, problem, texts)}
<p class="hint">${words.intro}</p>
<form method="post" action="/due-lists">${fields(connection, csv, button({ label: words.record, kind: 'primary' }))}</form>
<details><summary>${words.codes}</summary><dl class="facts">${codes}</dl></details>`;
}

function outcome(
  result: DueResult | undefined,
  problem: AppError | undefined,
  { addNeed: { dueList: words } }: ReviewTexts,
): Html | undefined {
  if (result)
    return html`<div tabindex="-1" autofocus>${notice('done', words.done(result.opened, result.already))}</div>`;
  if (problem === undefined) return undefined;
  const rows = problem instanceof RequestProblems ? problem.problems : [];
  const items = rows.slice(0, 100).map(({ path, rule }) => {
    const [, , row = '', field = ''] = path.split('/');
    return html`<li>${words.problem(row, words.rules[`${field} ${rule}`] ?? words.rules[rule] ?? words.wrong)}</li>\n`;
  });
  return html`<div tabindex="-1" autofocus>${notice('problem', words.wrong)}<ul>${items}</ul></div>`;
}
