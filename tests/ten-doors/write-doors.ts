import type { Door } from './doors.ts';

/**
 * The doors that take something: forms, the API, and what partners write. Each answers with a page,
 * with JSON or with nothing, and none of them with her answer.
 */

const pages = [
  'POST /console/holds',
  'POST /console/holds/release',
  'POST /console/site',
  'POST /console/trace',
  'POST /console/unread/close',
  'POST /console/work',
  'POST /covers',
  'POST /decide/choose',
  'POST /disclosures/demands',
  'POST /disclosures/demands/:demandId/steps',
  'POST /disclosures/sign-ins',
  'POST /due-lists',
  'POST /kept-form',
  'POST /on-duty',
  'POST /partners/calls/:partnerId/sheet',
  'POST /partners/calls/texts',
  'POST /partners/calls/told-partner',
  'POST /partners/calls/told-person',
  'POST /people/:personId/appointment',
  'POST /people/:personId/contact-override',
  'POST /people/:personId/death',
  'POST /people/:personId/household',
  'POST /people/:personId/keep-outs/:keepOutId',
  'POST /people/:personId/must-by',
  'POST /people/:personId/needs',
  'POST /people/:personId/next-step',
  'POST /people/:personId/next-step/done',
  'POST /people/:personId/noes',
  'POST /people/:personId/noes/:noId/brought-up',
  'POST /people/:personId/notes',
  'POST /people/:personId/opened',
  'POST /people/:personId/owner',
  'POST /people/:personId/reach',
  'POST /people/:personId/restriction',
  'POST /people/:personId/see-first',
  'POST /people/:personId/taken',
  'POST /people/:personId/tries',
  'POST /people/:personId/tries/:tryId',
  'POST /people/search',
  'POST /review/:referralId/close',
  'POST /review/:referralId/list',
  'POST /review/:referralId/list/said',
  'POST /review/:referralId/partner',
  'POST /review/:referralId/send-anyway',
  'POST /review/answers',
  'POST /review/decisions',
  'POST /review/find',
  'POST /review/help',
  'POST /review/screenings/seen',
  'POST /review/undo',
  'POST /review/words',
];

const apis = [
  'DELETE /api/v1/connections/:id',
  'DELETE /api/v1/connections/:id/choices',
  'DELETE /api/v1/connections/:id/concept-map',
  'DELETE /api/v1/covers/:coverId',
  'DELETE /api/v1/holds/:scope',
  'DELETE /api/v1/people/:personId/death',
  'DELETE /api/v1/people/:personId/guardian',
  'DELETE /api/v1/people/:personId/restriction',
  'DELETE /api/v1/referrals/:referralId/answers/:answerId/words',
  'POST /api/v1/code',
  'POST /api/v1/connections/:id/pause',
  'POST /api/v1/connections/:id/resume',
  'POST /api/v1/covers',
  'POST /api/v1/due-lists',
  'POST /api/v1/holds',
  'POST /api/v1/ledger/actions',
  'POST /api/v1/legal-demands',
  'POST /api/v1/legal-demands/:demandId/steps',
  'POST /api/v1/people/:personId/needs',
  'POST /api/v1/people/:personId/next-step/done',
  'POST /api/v1/people/:personId/noes',
  'POST /api/v1/people/:personId/noes/:noId/brought-up',
  'POST /api/v1/people/:personId/notes',
  'POST /api/v1/people/:personId/taken',
  'POST /api/v1/people/:personId/tries',
  'POST /api/v1/people/:personId/tries/:tryId',
  'POST /api/v1/recode',
  'POST /api/v1/referrals/:referralId/answers',
  'POST /api/v1/referrals/:referralId/close',
  'POST /api/v1/referrals/:referralId/help',
  'POST /api/v1/referrals/:referralId/list',
  'POST /api/v1/referrals/:referralId/list/said',
  'POST /api/v1/referrals/:referralId/send-anyway',
  'POST /api/v1/reviews/decisions',
  'POST /api/v1/reviews/undo',
  'POST /api/v1/screenings/:screeningId/seen',
  'POST /api/v1/sign-ins/end',
  'POST /api/v1/unread/close',
  'POST /fhir/QuestionnaireResponse/$extract',
  'PUT /api/v1/connections/:id',
  'PUT /api/v1/connections/:id/choices',
  'PUT /api/v1/connections/:id/concept-map',
  'PUT /api/v1/directory',
  'PUT /api/v1/directory/tokens',
  'PUT /api/v1/on-duty',
  'PUT /api/v1/patients/:patientId/person',
  'PUT /api/v1/people/:personId/guardian',
  'PUT /api/v1/people/:personId/household',
  'PUT /api/v1/people/:personId/keep-outs/:keepOutId/partners',
  'PUT /api/v1/people/:personId/next-step',
  'PUT /api/v1/people/:personId/owner',
  'PUT /api/v1/people/:personId/reach',
  'PUT /api/v1/people/:personId/restriction',
  'PUT /api/v1/referrals/:referralId/partner',
  'PUT /api/v1/reviews/:referralId/must-by',
  'PUT /api/v1/site',
];

/** What partners write. */
const hub = [
  ...['POST /fhir/Procedure', 'PUT /fhir/Task/:id'],
  ...['answers', 'name', 'undo'].map((form) => `POST /p/:token/requests/:task/${form}`),
];

/** Whoever comes and goes; no person is shown. */
const nobody = [
  ...['POST /sign-in', 'POST /sign-out'],
  'POST /partners/:partnerId',
  'POST /partners/:partnerId/people',
  ...['POST /p/:token/sign-in', 'POST /p/:token/second-code', 'POST /p/:token/sign-out'],
  'POST /p/:token/people',
];

/** What a text gateway and a mail server say. */
const carriers = ['POST /messages/bounces', 'POST /messages/events', 'POST /messages/texts'];

const linesOf = (routes: readonly string[], door: Door | undefined) =>
  routes.map((route) => [route, door] as const);

/** The door of each route that takes something. */
export const writeDoors: ReadonlyMap<string, Door | undefined> = new Map([
  ...linesOf(pages, 'page'),
  ...linesOf(apis, 'API'),
  ...linesOf(hub, "partner's read"),
  ...linesOf(nobody, undefined),
  ...linesOf(carriers, undefined),
]);

/** The one form that shows her answer, to the care team, when it is opened. */
export const opening = 'POST /people/:personId/opened';
