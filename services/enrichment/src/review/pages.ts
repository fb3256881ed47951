import type { App, Principal, Views } from '@loopwell/http';
import { AppError, timeZoneOf } from '@loopwell/kit';
import { conditionCodesOf } from '@loopwell/sdoh';
import {
  type DecisionLine,
  directory,
  type ReferralRow,
  reviews,
  type Tx,
  tasks,
} from '@loopwell/store';
import { askOf, stateOf, viewOf, type WorklistView } from './ask.ts';
import { serviceChoices } from './changes.ts';
import { type ConsentView, readConsents } from './consent.ts';
import { consentWords, disclosureWords } from './consent-words.ts';
import { type ReviewDecision, refusalReasons } from './decisions.ts';
import { backOf, formOf, type Typed, typedIn, uuid } from './forms.ts';
import { leftOutOf } from './left-out.ts';
import { addFinding, isSeenFirst, listData, standingData } from './list-pages.ts';
import { partnerWords, taskWords } from './partner-answers.ts';
import { listReviews, personNames, readReview, reviewGates, type WorklistAsk } from './read.ts';
import { screeningsToLookAt } from './read-screenings.ts';
import { recipientsFor } from './recipient.ts';
import { readRecords } from './record.ts';
import { decide, outcomes } from './review.ts';
import { momentOf, type ReviewDeps, todayOf } from './reviewer.ts';
import { see } from './seen.ts';
import { whyWords } from './without-help.ts';
import {
  decisionWords,
  gateWords,
  listWords,
  meaningWords,
  needWords,
  nowWords,
  outcomeWords,
  problemWords,
  recordNote,
  recordWords,
  restrictionWords,
  screeningWords,
  whoWords,
} from './words.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

/** Screenings on one page: what has been looked at makes room for the next. */
const mostScreenings = 100;

/** What reviewers look at, and their forms. */
export function addReviewPages(app: App, deps: ReviewDeps, views: Views): void {
  addFinding(app, deps, views);
  app.route('get', '/review', person, async (request, response, principal) => {
    const state = stateOf(request.query);
    if (state !== undefined) {
      const data = await deps.tx((tx) => listData(tx, principal, request.query, state, deps));
      return views(response, {
        template: 'list',
        title: listWords[state].short,
        data,
        principal,
        current: '/review',
      });
    }
    const data = await deps.tx((tx) => worklistData(tx, principal, request.query, deps));
    const done = told(request.query.done, request.query.n);
    views(response, {
      template: 'review',
      title: 'Review',
      data: { ...data, done },
      principal,
      current: '/review',
    });
  });
  app.route('get', '/review/screenings', person, async (request, response, principal) => {
    const data = await deps.tx((tx) => screeningsData(tx, principal, todayOf(deps)));
    const done = request.query.done === 'seen' ? 'Noted: you have looked at it.' : '';
    views(response, {
      template: 'screenings',
      title: 'Answers to look at',
      data: { ...data, done },
      principal,
      current: '/review',
    });
  });
  app.route('post', '/review/screenings/seen', person, async (request, response, principal) => {
    const { screening, ...look } = (request.body ?? {}) as {
      screening?: unknown;
      version?: unknown;
      note?: unknown;
    };
    try {
      await see(deps, principal, String(screening), { version: look.version, note: look.note });
      response.redirect(303, '/review/screenings?done=seen');
    } catch (error) {
      const status = error instanceof AppError ? statuses[error.code] : undefined;
      if (!(error instanceof AppError) || status === undefined) throw error;
      const again = { problem: problemWords(error), typed: { screening, note: look.note } };
      const data = {
        ...(await deps.tx((tx) => screeningsData(tx, principal, todayOf(deps)))),
        ...again,
      };
      views(response, {
        template: 'screenings',
        title: 'Answers to look at',
        data,
        principal,
        current: '/review',
        status,
      });
    }
  });
  app.route('get', '/review/:referralId', person, async (request, response, principal) => {
    const data = await detailData(deps, principal, String(request.params.referralId));
    const done = told(request.query.done, request.query.n);
    views(response, {
      template: 'referral',
      title: 'One referral',
      data: { ...data, done },
      principal,
      current: '/review',
    });
  });
  app.route('post', '/review/decisions', person, async (request, response, principal) => {
    const back = backOf((request.body as { back?: unknown } | undefined)?.back);
    try {
      const decision = formOf(request.body);
      const result = await decide(deps, principal, decision);
      if (result.skipped.length === 0)
        return response.redirect(
          303,
          `${back}${back.includes('?') ? '&' : '?'}done=${outcomes[decision.decision]}&n=${result.decided}`,
        );
      // Who was left out is said at once: names do not belong into an address.
      const again = {
        done:
          result.decided > 0
            ? told(outcomes[decision.decision], result.decided)
            : 'Nothing was recorded.',
        leftOut: await deps.tx((tx) => leftOutOf(tx, result)),
      };
      views(response, {
        ...(await pageAt(deps, principal, back, again)),
        principal,
        current: '/review',
      });
    } catch (error) {
      const status = error instanceof AppError ? statuses[error.code] : undefined;
      if (!(error instanceof AppError) || status === undefined) throw error;
      const typed = typedIn(request.body);
      // What somebody else has changed meanwhile is looked at anew before it is chosen again.
      const changed = error.code === 'CONFLICT' ? String(error.facts.referral ?? '') : '';
      const again = {
        problem: problemWords(error),
        changed,
        typed: { ...typed, chosen: typed.chosen.filter((one) => one !== changed) },
      };
      views(response, {
        ...(await pageAt(deps, principal, back, again)),
        principal,
        current: '/review',
        status,
      });
    }
  });
}

/** What a reviewer can do something about is said above the form that it came from, with all that was typed. */
const statuses: Readonly<Record<string, number>> = {
  REQUEST_INVALID: 400,
  FORBIDDEN: 403,
  CONFLICT: 409,
};

async function pageAt(deps: ReviewDeps, principal: Principal, back: string, again: object) {
  const { pathname, searchParams } = new URL(back, 'http://localhost');
  if (pathname !== '/review')
    return {
      template: 'referral',
      title: 'One referral',
      data: { ...(await detailData(deps, principal, pathname.slice(8))), ...again },
    };
  const query = Object.fromEntries(searchParams);
  const data = await deps.tx((tx) => worklistData(tx, principal, query, deps));
  return { template: 'review', title: 'Review', data: { ...data, ...again } };
}

const nothingTyped: Typed = { text: {}, chosen: [] };

/** How many wait in each tab, for the needs of the tab that is shown, and where danger is. */
async function tabsOf(tx: Tx, { tenant }: Principal, today: string) {
  const counted = await reviews.worklistCounts(tx, tenant, reviewGates, today);
  const attention = await reviews.countAttention(tx, tenant);
  const sum = (some: typeof counted) => some.reduce((total, one) => total + one.count, 0);
  const inView = (view: WorklistView) =>
    counted.filter((one) =>
      view === 'postponed' ? one.postponed : !one.postponed && one.gate === view,
    );
  const views = [...reviewGates, 'postponed'] as const;
  const counts: Record<string, number> = Object.fromEntries(
    views.map((view) => [view, sum(inView(view))]),
  );
  const dangers = sum(counted.filter((one) => one.danger && !one.postponed)) + attention.danger;
  const needsIn = (view: WorklistView) => {
    const byNeed = Map.groupBy(inView(view), (one) => one.category);
    return [...byNeed]
      .map(([category, some]) => ({ category, count: sum(some) }))
      .sort((a, b) => (a.category < b.category ? -1 : 1));
  };
  counts.screenings = attention.all;
  return {
    counts,
    dangers,
    dangerousScreenings: attention.danger,
    needsIn,
    gateWords,
    listWords,
    state: undefined,
    need: needWords,
    typed: nothingTyped,
  };
}

async function worklistData(
  tx: Tx,
  principal: Principal,
  query: Readonly<Record<string, unknown>>,
  deps: ReviewDeps,
) {
  const moment = momentOf(deps);
  const { today } = moment;
  const { needsIn, ...tabs } = await tabsOf(tx, principal, today);
  // Whoever opens the page has come to decide: it opens where something waits.
  const gate =
    (query.state === 'withoutHelp' ? query.state : viewOf(query.gate)) ??
    reviewGates.find((one) => (tabs.counts[one] ?? 0) > 0) ??
    'review';
  const ask = askOf({ ...query, gate }, moment);
  const page = await listReviews(tx, principal.tenant, ask);
  const names = await personNames(
    tx,
    page.items.map((one) => one.person.id),
  );
  const noes = gate === 'consent' ? await signedNoes(tx, deps, page.rows) : new Set<string>();
  const lists = {
    noes,
    isNoForm: gate === 'consent' && page.items.every((one) => noes.has(one.id)),
    records: await readRecords(tx, deps, page.rows),
    recordNote,
    needs: needsIn(gate),
    disclosureWords: disclosureWords(deps.contactFromChart ?? false),
    refusalReasons,
    why: whyWords,
    general: serviceChoices(''),
  };
  return {
    ...page,
    ...tabs,
    ...lists,
    names,
    personFirst: await isSeenFirst(tx, principal, ask.person),
    gate,
    ask,
    link: linkOf(gate, ask),
    here: hereOf(gate, ask),
    today,
    tomorrow: dayAfter(today),
  };
}

/** Address of this very page of the list: what could not be decided is shown there again. */
const hereOf = (gate: WorklistView, ask: WorklistAsk): string =>
  `${linkOf(gate, ask)}${ask.cursor === undefined ? '' : `&after=${ask.cursor}`}`;

/** Address of the same list, from its start. */
function linkOf(gate: WorklistView, { sort, category, person: of }: WorklistAsk): string {
  const said = {
    gate,
    ...(sort === 'urgency' ? {} : { sort }),
    ...(category ? { category } : {}),
    ...(of ? { person: of } : {}),
  };
  return `/review?${new URLSearchParams(said)}`;
}

/** Referrals of people who signed a no: there is no form under it, for one or for many. */
async function signedNoes(
  tx: Tx,
  deps: ReviewDeps,
  rows: readonly ReferralRow[],
): Promise<Set<string>> {
  const attempts = await tasks.tasksOfReferrals(
    tx,
    rows.map((row) => row.id),
  );
  const consents = await readConsents(tx, deps, rows, attempts);
  return new Set(
    [...consents].flatMap(([id, consent]) => (consent.state === 'signed-no' ? [id] : [])),
  );
}

async function screeningsData(tx: Tx, principal: Principal, today: string) {
  const { needsIn: _needs, ...tabs } = await tabsOf(tx, principal, today);
  const screenings = await screeningsToLookAt(tx, principal.tenant, mostScreenings);
  const names = await personNames(
    tx,
    screenings.map((one) => one.person),
  );
  return { ...tabs, screenings, names, who: whoWords, gate: 'screenings' };
}

async function detailData(deps: ReviewDeps, { tenant }: Principal, id: string) {
  if (!uuid.test(id)) throw new AppError('NOT_FOUND', 'There is no such referral');
  const { today } = momentOf(deps);
  return deps.tx(async (tx) => {
    const detail = await readReview(tx, tenant, id, deps);
    const who = detail.row.person;
    const name = (await personNames(tx, [who])).get(who);
    const { category } = detail.row;
    const recipients = recipientsFor(await directory.loadDirectory(tx, tenant), category);
    const lists = {
      choices: serviceChoices(category),
      codes: conditionCodesOf(category),
      recipients,
      refusalReasons,
      gateWords,
      meaningWords,
    };
    const words = {
      disclosureWords: disclosureWords(deps.contactFromChart ?? false),
      consent: (one: ConsentView) => consentWords(one, recipients, timeZoneOf(deps.clock)),
      partner: partnerWords,
      recordWords,
      screeningWords,
      taskWords,
      restrictionWords,
      need: needWords,
      now: nowWords,
      why: whyWords,
      who: whoWords,
      decided: (one: DecisionLine) => decisionWords(one, category),
    };
    const { state, gate, approval, restriction, recipient } = detail.row;
    const mayRepick =
      state === 'waiting' &&
      gate !== 'withoutHelp' &&
      approval === 'approved' &&
      restriction !== 'named-consent';
    // Where somebody named one partner, another one may be named as long as it is not out.
    const repicks =
      mayRepick && recipient !== null ? recipients.filter((one) => one.id !== recipient) : [];
    const standing = await standingData(tx, tenant, detail);
    return {
      ...detail,
      ...lists,
      ...words,
      ...standing,
      repicks,
      name,
      today,
      tomorrow: dayAfter(today),
      typed: nothingTyped,
    };
  });
}

const dayAfter = (day: string): string =>
  new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);

/** What the page says after a decision; only words of ours, whatever the address says. */
function told(done: unknown, n: unknown): string {
  const words =
    typeof done === 'string'
      ? outcomeWords[done as (typeof outcomes)[ReviewDecision['decision']]]
      : undefined;
  return words === undefined
    ? ''
    : `${words} for ${Number(n) === 1 ? 'one referral' : `${Number(n) || 0} referrals`}.`;
}
