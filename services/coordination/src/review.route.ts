import { withoutUndefined } from '@loopwell/fhir';
import { type App, createPages, type Principal } from '@loopwell/http';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import type { Tx } from '@loopwell/store';
import { addNeedRoutes } from './add-need/add-need.route.ts';
import { addDueListPage } from './add-need/due-list-page.ts';
import { parseAnswer } from './answers/answer-body.ts';
import { recordAnswer } from './answers/record-answer.ts';
import { addWordRoutes } from './answers/words.route.ts';
import { addByHandRoutes } from './by-hand/by-hand.route.ts';
import { addGivenListPage } from './by-hand/given-list-page.ts';
import { addCallPages } from './calls/calls.route.ts';
import { choosePerson } from './decide/choose-person.ts';
import { parseDecision } from './decide/decisions.ts';
import { limitOf } from './decide/form-data.ts';
import { see } from './decide/mark-reviewed.ts';
import { decide } from './decide/review.ts';
import { undo } from './decide/undo/undo.ts';
import { addAccountApi } from './disclosures/account-api.ts';
import { addAccountPages } from './disclosures/account-pages.ts';
import { addChartForm } from './disclosures/chart-section.ts';
import { addDemands } from './disclosures/demands/demands.route.ts';
import { addRetention } from './disclosures/retention/retention.route.ts';
import { addEquityFacts } from './equity/equity.route.ts';
import { addHelpApi } from './help/help.route.ts';
import { addHouseholdRoutes } from './household/household.route.ts';
import { addTeamLists } from './nos/team-lists.route.ts';
import { addReviewPages } from './pages/review-pages.ts';
import { addPaperPages } from './paper/paper.route.ts';
import { addPartnerPages } from './partners/partners.route.ts';
import { addPeoplePages } from './people/people.route.ts';
import { addReachApi } from './reach/reach.route.ts';
import { addReachPages } from './reach/reach-pages.route.ts';
import { listState } from './read/lists.ts';
import { readReview } from './read/read-detail.ts';
import { type ScreeningForPerson, screeningsToLookAt } from './read/read-screenings.ts';
import { listReviews, type ReviewItem } from './read/review-view.ts';
import { askOf, listAskOf, stateOf } from './read/worklist-query.ts';
import { momentOf, type ReviewDeps } from './reviewer.ts';
import { addSafetyPages } from './safety/safety.route.ts';
import { requireShown, showPeople } from './shown-people.ts';
import { english } from './texts/en.ts';
import { addCoverPage } from './work/cover-page.ts';
import { addDangerLists } from './worklist/danger/danger-lists.route.ts';
import { addWorklist } from './worklist/worklist.route.ts';

/** The answers as `openapi/coordination.yaml` describes them. */
type Answers = components['schemas'];

const role = 'reviewer';
const either = { kind: 'person-or-service', role } as const;

/**
 * Adds the review pages for signed-in reviewers, and the same as an API for them and for service
 * tokens.
 */
export function addReviewRoutes(app: App, deps: ReviewDeps): void {
  addApi(app, deps);
  addReachApi(app, deps);
  addHelpApi(app, deps);
  addScreenings(app, deps);
  addPatients(app, deps);
  const pages = createPages(app, { en: english });
  addReviewPages(app, deps, pages, addWorklist);
  addPeoplePages(app, deps, pages);
  addReachPages(app, deps, pages);
  addTeamLists(app, deps, pages);
  addSafetyPages(app, deps, pages);
  addDangerLists(app, deps, pages);
  addCoverPage(app, deps, pages);
  addCallPages(app, deps, pages);
  addPartnerPages(app, deps, pages);
  addGivenListPage(app, deps, pages);
  addByHandRoutes(app, deps);
  addWordRoutes(app, deps);
  addNeedRoutes(app, deps);
  addHouseholdRoutes(app, deps);
  addPaperPages(app, deps, pages);
  addDueListPage(app, deps, pages);
  addAccountApi(app, deps);
  addAccountPages(app, deps, pages);
  addDemands(app, deps, pages);
  addRetention(app, deps, pages);
  addEquityFacts(app, deps);
  addChartForm(app, deps);
}

const screeningAnswer = ({
  outcome: _outcome,
  opens: _opens,
  person: id,
  ...rest
}: ScreeningForPerson): Answers['Screening'] => ({
  ...rest,
  person: { id },
});

function addApi(app: App, deps: ReviewDeps): void {
  app.route('get', '/api/v1/reviews', either, async (request, response, principal) => {
    const page = await deps.tx((tx) => readReviews(tx, principal, request.query, deps));
    response.json(page satisfies Answers['ReviewPage']);
  });
  app.route('get', '/api/v1/reviews/:referralId', either, async (request, response, principal) => {
    const id = String(request.params.referralId);
    const { review } = await deps.tx(async (tx) => {
      const detail = await readReview(tx, principal.tenant, id, deps);
      const showing = { principal, page: '/api/v1/reviews/:referralId' };
      await requireShown(tx, showing, [detail.row.person], 'There is no such referral');
      return detail;
    });
    response.json({
      ...review,
      screenings: review.screenings.map(screeningAnswer),
    } satisfies Answers['ReviewDetail']);
  });
  app.route('post', '/api/v1/reviews/decisions', either, async (request, response, principal) => {
    response.json(await decide(deps, principal, parseDecision(request.body)));
  });
  app.route('post', '/api/v1/reviews/undo', either, async (request, response, principal) => {
    const { request: made, referrals } = request.body as Answers['UndoRequest'];
    const undone = await undo(deps, principal, made, referrals);
    response.json(undone satisfies Answers['Undone']);
  });
  app.route(
    'post',
    '/api/v1/referrals/:referralId/answers',
    either,
    async (request, response, principal) => {
      const id = String(request.params.referralId);
      const result = await recordAnswer(deps, principal, id, parseAnswer(request.body));
      response.status(result === 'recorded' ? 201 : 200).json({ result });
    },
  );
}

/** Reads one page of a list, without people whose charts are restricted. */
async function readReviews(
  tx: Tx,
  principal: Principal,
  query: Readonly<Record<string, unknown>>,
  deps: ReviewDeps,
): Promise<{ items: ReviewItem[]; next?: string }> {
  const { tenant } = principal;
  const state = stateOf(query);
  const { items, next } = state
    ? await listState(tx, tenant, listAskOf(query, state, momentOf(deps)))
    : await listReviews(tx, tenant, askOf(query, momentOf(deps)));
  const people = items.map(({ person }) => person.id);
  const visible = await showPeople(tx, { principal, page: '/api/v1/reviews' }, people);
  return {
    items: items.filter(({ person }) => visible.has(person.id)),
    ...withoutUndefined({ next }),
  };
}

function addScreenings(app: App, deps: ReviewDeps): void {
  app.route('get', '/api/v1/screenings', either, async (request, response, principal) => {
    const screenings = await deps.tx(async (tx) => {
      const all = await screeningsToLookAt(tx, principal.tenant, limitOf(request.query.limit));
      const people = all.map(({ person }) => person);
      const visible = await showPeople(tx, { principal, page: '/api/v1/screenings' }, people);
      return all.filter(({ person }) => visible.has(person));
    });
    response.json({ items: screenings.map(screeningAnswer) });
  });
  app.route(
    'post',
    '/api/v1/screenings/:screeningId/seen',
    either,
    async (request, response, principal) => {
      await see(deps, principal, String(request.params.screeningId), request.body);
      response.json({ seen: true });
    },
  );
}

function addPatients(app: App, deps: ReviewDeps): void {
  const path = '/api/v1/patients/:patientId/person';
  app.route('put', path, either, async (request, response, principal) => {
    const patient = String(request.params.patientId);
    const person = await choosePerson(deps, principal, patient, request.body);
    response.json({ patient, person });
  });
}
