import type { Message } from '../../packages/messages/src/index.ts';

/**
 * The ten doors through which Pao could learn of Kia's answer. A route without a line in
 * `routeDoors` fails the test, and so does a door without a check.
 */
export const doors = [
  'list',
  'page',
  'title',
  'print',
  'CSV',
  'API',
  'alert',
  'message to a partner',
  'write-back',
  "partner's read",
  'search by an employee',
  'log',
] as const;
export type Door = (typeof doors)[number];

/** Routes that show nothing of a person, whoever asks. */
const nobody = [
  'GET /api/v1/connections/:id',
  'GET /api/v1/connections/:id/concept-map',
  'GET /api/v1/connections/:id/choices',
  // Counts over everybody: how many answers arrived to each question, and none of the answers.
  'GET /quality',
  'GET /api/v1/quality',
  'GET /',
  'GET /live',
  'GET /ready',
  'GET /metrics',
  'GET /style.css',
  'GET /icon.svg',
  'GET /sign-in',
  'GET /fhir/metadata',
  'GET /kept-form',
  // Who of the care team is away.
  'GET /covers',
  // The form that takes a list; it shows nobody.
  'GET /due-lists',
  'GET /api/v1/covers',
  // The door of partners: the name of a partner, and what is kept.
  'GET /p/:token',
  'GET /p/:token/people',
  'GET /partners/:partnerId',
  'GET /partners/:partnerId/people',
  'GET /p/:token/what-we-keep',
];

const lists = [
  'GET /review',
  'GET /review/screenings',
  'GET /decide',
  'GET /ask',
  'GET /signature',
  'GET /service',
  'GET /later',
  'GET /waiting',
  'GET /without-help',
  'GET /helped',
  'GET /people',
  'GET /people/search',
  'GET /partners',
  // Requests for which a partner is called. They name nobody.
  'GET /partners/calls',
  'GET /see-first',
  'GET /call-today',
  'GET /appointments',
  'GET /contact-incidents',
  'GET /keep-outs',
];

const pages = [
  'GET /review/:referralId',
  'GET /review/:referralId/list',
  'GET /partners/calls/:partnerId',
  'GET /partners/calls/:partnerId/sheet',
  'GET /people/:personId',
  'GET /people/:personId/reach',
  'GET /people/:personId/copy',
  'GET /people/:personId/see-first',
  'GET /people/:personId/opened',
  'GET /on-duty',
  'GET /console',
  'GET /disclosures',
  'GET /disclosures/views',
  'GET /disclosures/sign-ins',
  'GET /disclosures/demands',
  'GET /disclosures/retention',
  'GET /console/holds',
  'GET /console/quarantine',
  'GET /console/site',
  'GET /console/trace',
  'GET /console/work',
];

const apis = [
  'GET /api/v1/contact-incidents',
  'GET /api/v1/disclosures',
  'GET /api/v1/legal-demands',
  'GET /api/v1/retention',
  'GET /api/v1/equity-facts',
  'GET /api/v1/people/:personId/noes',
  'GET /api/v1/people/:personId/work',
  'GET /api/v1/sign-ins',
  'GET /api/v1/views',
  'GET /api/v1/accounts',
  'GET /api/v1/connections',
  'GET /api/v1/directory',
  'GET /api/v1/holds',
  'GET /api/v1/keep-outs',
  'GET /api/v1/on-duty',
  'GET /api/v1/people/:personId/reach',
  'GET /api/v1/recode',
  'GET /api/v1/reviews',
  'GET /api/v1/reviews/:referralId',
  'GET /api/v1/screenings',
  'GET /api/v1/site',
  'GET /api/v1/status',
  'GET /api/v1/totals',
  'GET /api/v1/trace/:id',
];

const hub = [
  ...['GET /fhir/:type', 'GET /fhir/:type/:id', 'GET /fhir/Task', 'GET /fhir/Task/:id'],
  // The pages behind the code of a partner's helper.
  ...['GET /p/:token/requests', 'GET /p/:token/requests/:task'],
  'GET /p/:token/requests/:task/:form',
];

const linesOf = (routes: readonly string[], door: Door | undefined) =>
  routes.map((route) => [route, door] as const);

/** The door of each route that answers with something; undefined where it shows no person. */
export const routeDoors: ReadonlyMap<string, Door | undefined> = new Map([
  ...linesOf(nobody, undefined),
  ...linesOf(lists, 'list'),
  ...linesOf(pages, 'page'),
  ...linesOf(['GET /disclosures/csv'], 'CSV'),
  ...linesOf(['GET /people/:personId/print'], 'print'),
  ...linesOf(apis, 'API'),
  ...linesOf(hub, "partner's read"),
]);

/** The door of each channel by which a partner is reached. */
export const channelDoors: ReadonlyMap<string, Door> = new Map([
  ['email', 'message to a partner'],
  ['fhir-rest', "partner's read"],
  ['hub', "partner's read"],
  ['manual', 'page'],
  ['text', 'message to a partner'],
]);

/** The door of each kind of message that leaves; the compiler asks for each. */
export const messageDoors: Readonly<Record<Message['kind'], Door>> = {
  'on-duty': 'alert',
  'partner-new': 'message to a partner',
  'partner-reminder': 'message to a partner',
  'partner-code': 'message to a partner',
  reply: 'message to a partner',
};
