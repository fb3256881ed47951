import {
  type App,
  createPages,
  hasRole,
  type Pages,
  type Principal,
  RequestProblems,
  type Response,
} from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { dutyAlerts, dutyMessages, type Tx } from '@loopwell/store';
import { english, type ReviewTexts } from '../texts/en.ts';
import {
  changeOfTexts,
  fieldAt,
  type OnDutyTexts,
  textsOfForm,
  textsOfList,
  withEmptyRows,
} from './on-duty-form.ts';
import {
  changeOnDutyList,
  type OnDutyChange,
  type OnDutyDeps,
  readOnDutyList,
  readOnDutyVersions,
  type StoredList,
} from './on-duty-list.ts';
import { type OnDutyPageView, onDutyPage } from './on-duty-page.ts';

/** What the routes need; `hasMail` says whether a mail server is set up. */
export type OnDutyRouteDeps = OnDutyDeps & { hasMail: boolean };

type Answers = components['schemas'];

const reader = { kind: 'person', role: 'reviewer' } as const;
const eitherReader = { kind: 'person-or-service', role: 'reviewer' } as const;
const admin = { kind: 'person', role: 'admin' } as const;
const eitherAdmin = { kind: 'person-or-service', role: 'admin' } as const;

/** Adds the list of people on duty: the page for reviewers, its form and API for administrators. */
export function addOnDutyRoutes(app: App, deps: OnDutyRouteDeps): void {
  const pages = createPages(app, { en: english });
  app.route('get', '/api/v1/on-duty', eitherReader, async (_request, response) => {
    response.json(listJson(await readOnDutyList(deps.db), deps));
  });
  app.route('put', '/api/v1/on-duty', eitherAdmin, async (request, response, principal) => {
    const change = request.body as OnDutyChange;
    response.json(listJson(await changeOnDutyList(deps, principal, change), deps));
  });
  app.route('get', '/on-duty', reader, async (request, response, principal) => {
    const outcome = request.query.saved === '1' ? 'saved' : undefined;
    await show({ deps, pages, response, principal }, { outcome });
  });
  app.route('post', '/on-duty', admin, async (request, response, principal) => {
    const typed = textsOfForm(request.body as Record<string, unknown>);
    const rows = { ...typed, people: withEmptyRows(typed.people) };
    try {
      await changeOnDutyList(deps, principal, changeOfTexts(typed));
    } catch (error) {
      await show({ deps, pages, response, principal }, { typed: rows, ...refusalOf(error) });
      return;
    }
    response.redirect(303, '/on-duty?saved=1');
  });
}

function listJson(list: StoredList, { hasMail }: OnDutyRouteDeps): Answers['OnDuty'] {
  return {
    version: list.version,
    people: list.people.map(({ name, email, webhook }) => {
      const person: Answers['OnDutyPerson'] = { name };
      if (email !== undefined) person.email = email;
      if (webhook !== undefined) person.webhook = { url: webhook.url, hasSecret: true };
      return person;
    }),
    phone: list.phone ?? null,
    hasMail,
    changedAt: list.changedAt?.toISOString() ?? null,
    changedBy: list.changedBy ?? null,
  };
}

type Refusal = { outcome: 'stale' | 'wrong'; errors?: Map<string, string> };

/** Returns what a refusal shows beside the fields; an error that is none is thrown on. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof RequestProblems) {
    const byField = error.problems.map(({ path, rule }) => [fieldAt(path), rule] as const);
    return { outcome: 'wrong', errors: new Map(byField) };
  }
  if (!(error instanceof AppError) || error.code !== 'CONFLICT') throw error;
  return { outcome: 'stale' };
}

type Shown = {
  deps: OnDutyRouteDeps;
  pages: Pages<ReviewTexts>;
  response: Response;
  principal: Principal;
};

const statusOf = { saved: 200, stale: 409, wrong: 400 } as const;

/** Messages that the page lists. */
const shownMessages = 20;

/** Reads what the page shows beside what was typed. */
const readPage = async (tx: Tx) => ({
  list: await readOnDutyList(tx),
  versions: await readOnDutyVersions(tx),
  state: await dutyAlerts.readAlertState(tx),
  messages: await dutyMessages.latestMessages(tx, shownMessages),
});

async function show(
  { deps, pages, response, principal }: Shown,
  shown: {
    outcome: OnDutyPageView['outcome'];
    typed?: OnDutyTexts;
    errors?: Map<string, string>;
  },
): Promise<void> {
  const { outcome, errors = new Map() } = shown;
  const read = await readPage(deps.db);
  const typed = shown.typed ?? textsOfList(read.list);
  const mayChange = hasRole(principal.roles, 'admin');
  const view = { ...read, typed, errors, outcome, mayChange, hasMail: deps.hasMail };
  pages.show(response, (texts) => ({
    title: texts.onDuty.title,
    body: onDutyPage(view, texts),
    principal,
    current: '/on-duty',
    status: outcome === undefined ? 200 : statusOf[outcome],
  }));
}
