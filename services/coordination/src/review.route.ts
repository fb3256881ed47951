import { withoutUndefined } from '@loopwell/fhir';
import { type App, createPages } from '@loopwell/http';
import type { components } from '@loopwell/openapi/generated/coordination.ts';
import { parseAnswer } from './answers/answer-body.ts';
import { recordAnswer } from './answers/record-answer.ts';
import { choosePerson } from './decide/choose-person.ts';
import { parseDecision } from './decide/decisions.ts';
import { limitOf } from './decide/form-data.ts';
import { see } from './decide/mark-reviewed.ts';
import { decide } from './decide/review.ts';
import { addReviewPages } from './pages/review-pages.ts';
import { addPeoplePages } from './people/people.route.ts';
import { listState } from './read/lists.ts';
import { readReview } from './read/read-detail.ts';
import { type ScreeningForPerson, screeningsToLookAt } from './read/read-screenings.ts';
import { listReviews } from './read/review-view.ts';
import { askOf, listAskOf, stateOf } from './read/worklist-query.ts';
import { momentOf, type ReviewDeps } from './reviewer.ts';
import { english } from './texts/en.ts';

/** The answers as `openapi/enrichment.yaml` describes them. */
type Answers = components['schemas'];

const role = 'reviewer';
const either = { kind: 'person-or-service', role } as const;

/**
 * Adds the review pages for signed-in reviewers, and the same as an API for them and for service
 * tokens.
 */
export function addReviewRoutes(app: App, deps: ReviewDeps): void {
  addApi(app, deps);
  addScreenings(app, deps);
  addPatients(app, deps);
  const pages = createPages(app, { en: english });
  addReviewPages(app, deps, pages);
  addPeoplePages(app, deps, pages);
}

const screeningAnswer = ({
  outcome: _outcome,
  person: id,
  ...rest
}: ScreeningForPerson): Answers['Screening'] => ({
  ...rest,
  person: { id },
});

function addApi(app: App, deps: ReviewDeps): void {
  app.route('get', '/api/v1/reviews', either, async (request, response, { tenant }) => {
    const state = stateOf(request.query);
    if (state !== undefined) {
      const { items, next } = await deps.tx((tx) =>
        listState(tx, tenant, listAskOf(request.query, state, momentOf(deps))),
      );
      response.json({
        items,
        ...withoutUndefined({ next }),
      } satisfies Answers['ReviewPage']);
      return;
    }
    const ask = askOf(request.query, momentOf(deps));
    const { items, next } = await deps.tx((tx) => listReviews(tx, tenant, ask));
    response.json({
      items,
      ...withoutUndefined({ next }),
    } satisfies Answers['ReviewPage']);
  });
  app.route('get', '/api/v1/reviews/:referralId', either, async (request, response, { tenant }) => {
    const { review } = await deps.tx((tx) =>
      readReview(tx, tenant, String(request.params.referralId), deps),
    );
    response.json({
      ...review,
      screenings: review.screenings.map(screeningAnswer),
    } satisfies Answers['ReviewDetail']);
  });
  app.route('post', '/api/v1/reviews/decisions', either, async (request, response, principal) => {
    response.json(await decide(deps, principal, parseDecision(request.body)));
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

function addScreenings(app: App, deps: ReviewDeps): void {
  app.route('get', '/api/v1/screenings', either, async (request, response, { tenant }) => {
    const screenings = await deps.tx((tx) =>
      screeningsToLookAt(tx, tenant, limitOf(request.query.limit)),
    );
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
