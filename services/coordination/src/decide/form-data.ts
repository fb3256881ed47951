import { mapDefined } from '@loopwell/fhir';
import { RequestProblems } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { personsNoReason } from '@loopwell/sdoh';
import { parseDecision, type ReviewDecision } from './decisions.ts';

/** The fields of the person's no, which two buttons share. */
const noFields = ['kind', 'partner', 'until', 'saidOn', 'saidBy', 'saidTo'] as const;

/**
 * The form fields of each decision. A page has them side by side, and only those of the pressed
 * button count.
 */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  approve: ['recipient', 'broughtUpOn', 'reason'],
  refuse: ['reason', ...noFields],
  postpone: ['until', 'reason'],
  chooseCode: ['condition', 'code', 'reason'],
  agree: [
    ...['agreedOn', 'askedBy', 'interpreter', 'mustBy', 'broughtUpOn', 'reason'],
    ...['agreedBy', 'minorService', 'minorSituation'],
  ],
  withdrawAgreement: ['reason', ...noFields],
  recordConsent: [
    ...['dateTime', 'until', 'recipient', 'scope', 'askedBy', 'reason'],
    ...['signer', 'authority', 'method', 'document', 'householdSize'],
    ...['places', 'kind', 'except', 'elements', 'partTwo'],
  ],
  withdrawConsent: ['reason', 'everything'],
  chooseService: ['serviceCode', 'reason'],
  askNext: ['recipient', 'askAgain', 'broughtUpOn', 'reason'],
  closeWithoutHelp: ['reason'],
  sendNow: [],
  openAgain: ['broughtUpOn', 'askAgain', 'reason'],
};

/** The decisions that one button records together, with the fields that mean that it is wanted. */
const together: readonly (readonly [string, readonly string[]])[] = [
  ['approve', ['wanted']],
  // Fields that the form proposes by itself mean nothing, such as who asked.
  ['agree', ['agreedOn', 'mustBy']],
  ['recordConsent', ['dateTime', 'until', 'scope', 'signer', 'document', 'places', 'except']],
  ['chooseService', ['serviceCode']],
];

/**
 * Reads a form of the review pages: `referral` repeated, `version.<referral>` for the version that
 * was shown, the pressed button as `decision`, and the fields of that decision.
 *
 * @throws AppError REQUEST_INVALID, or RequestProblems naming the fields
 */
export function formOf(body: unknown): ReviewDecision {
  const fields = fieldsIn(body);
  const chosen = fields.get('referral');
  const referrals = chosen === undefined ? [] : [chosen].flat().map(String);
  if (referrals.length === 0)
    throw new AppError('REQUEST_INVALID', 'Choose at least one referral; nothing was recorded');
  const versions = mapDefined(referrals, (id) => {
    const version = fields.get(`version.${id}`);
    return typeof version === 'string' ? ([id, version] as const) : undefined;
  });
  const about = { referrals, versions: Object.fromEntries(versions) };
  const pressed = String(fields.get('decision') ?? '');
  if (pressed !== 'together')
    return withSayer(parseDecision({ ...about, ...partOf(pressed, fields, true) }));
  const parts = together
    .filter(([decision, names]) => names.some((name) => isTyped(fields.get(`${decision}.${name}`))))
    .map(([decision]) => partOf(decision, fields, false));
  const [first, ...also] = parts;
  if (!first)
    throw new AppError('REQUEST_INVALID', 'Nothing is filled in yet; nothing was recorded');
  return parseDecision({ ...about, ...first, ...(also.length > 0 ? { also } : {}) });
}

/**
 * Checks that a refusal says whose it is, so that nobody guesses it from the words of its reason.
 *
 * @throws RequestProblems
 */
function withSayer(decision: ReviewDecision): ReviewDecision {
  if (decision.decision !== 'refuse') return decision;
  const { saidBy, reason, kind, partner, until, saidOn, saidTo } = decision;
  const isNo = reason === personsNoReason || (kind ?? partner ?? until ?? saidOn ?? saidTo);
  if (saidBy !== undefined && !(saidBy === 'staff' && isNo)) return decision;
  const rule = saidBy === undefined ? 'required' : 'is-a-no';
  const facts = { field: 'saidBy' };
  const says = 'A refusal says whether it is the no of the person; nothing was recorded';
  throw new RequestProblems(says, [{ path: '/body/saidBy', rule }], { facts });
}

type Fields = ReadonlyMap<string, unknown>;

const isTyped = (field: unknown): boolean =>
  [field].flat().some((one) => typeof one === 'string' && one.trim() !== '');

/** Fields that a form has once for all decisions that it records together. */
const sharedFields: readonly string[] = ['recipient', 'askedBy', 'broughtUpOn'];

/**
 * Reads the fields of one decision.
 *
 * @param isAlone fields without the name of a decision belong to it, too
 */
function partOf(decision: string, fields: Fields, isAlone: boolean): Record<string, unknown> {
  const names = Object.hasOwn(fieldsOf, decision) ? (fieldsOf[decision] ?? []) : [];
  const typed = mapDefined(names, (name) => {
    const shared = isAlone || sharedFields.includes(name) ? fields.get(name) : undefined;
    const isOfNo = isAlone && noFields.some((field) => field === name) && isStop(decision);
    const typed = fields.get(`${decision}.${name}`) ?? (isOfNo ? fields.get(`no.${name}`) : shared);
    const field = sentAs(name, typed);
    return field === undefined ? undefined : ([name, field] as const);
  });
  // Pages name the kind of a no; without one a new yes would reverse it.
  const kind = decision === 'withdrawAgreement' ? { kind: 'not-this-help' } : {};
  return { decision, ...kind, ...Object.fromEntries(typed) };
}

const isStop = (decision: string): boolean =>
  decision === 'refuse' || decision === 'withdrawAgreement';

/** Fields that a form sends once for each choice. */
const listFields: readonly string[] = ['places', 'except', 'elements'];
/** Fields that a form sends as `true` where they are ticked. */
const tickFields: readonly string[] = ['partTwo', 'everything', 'askAgain'];

/** Gives a field of a form as the API has it; undefined for an empty one. */
function sentAs(name: string, field: unknown): unknown {
  if (listFields.includes(name)) {
    const chosen = [field].flat().filter((one) => typeof one === 'string' && one !== '');
    return chosen.length > 0 ? chosen : undefined;
  }
  if (typeof field !== 'string' || field.trim() === '') return undefined;
  if (tickFields.includes(name)) return field === 'true' ? true : field;
  if (name === 'householdSize') return /^\d{1,4}$/.test(field.trim()) ? Number(field) : field;
  return field;
}

const fieldsIn = (body: unknown) =>
  new Map<string, unknown>(Object.entries(typeof body === 'object' && body !== null ? body : {}));

/** The texts and choices of a form, shown again if no decision could be made of it. */
export type Typed = {
  text: Readonly<Record<string, string>>;
  chosen: readonly string[];
  /** The rules that fields break, by their places in a request. */
  problems?: readonly { path: string; rule: string }[];
  /** The people whom a form about several of them names. */
  people?: readonly string[];
  /** Nobody has sent the form yet: it shows what is proposed. */
  isFresh?: boolean;
};

/** The form of a reviewer that has not typed anything, with themselves as the one who asked. */
export function freshForm({ id }: { id: string }): Typed {
  const name = id.replace(/^person:/, '');
  const fields = ['askedBy', 'agree.askedBy', 'recordConsent.askedBy'];
  const text = Object.fromEntries(fields.map((field) => [field, name]));
  return { text, chosen: [], isFresh: true };
}

/**
 * Reads the texts and choices of a form, to show them again.
 *
 * @param refusal why nothing could be recorded
 */
export function typedIn(body: unknown, refusal?: AppError): Typed {
  const text = mapDefined([...fieldsIn(body)], ([name, content]) => {
    // Choices of which several may be ticked are kept with blanks between them.
    const typed = Array.isArray(content) ? content.join(' ') : content;
    return typeof typed === 'string' ? ([name, typed] as const) : undefined;
  });
  const chosen = fieldsIn(body).get('referral');
  return {
    text: Object.fromEntries(text),
    chosen: [chosen].flat().filter((one) => typeof one === 'string'),
    problems: refusal instanceof RequestProblems ? refusal.problems : [],
    people: [fieldsIn(body).get('person')].flat().filter((one) => typeof one === 'string'),
  };
}

/** Gives the page to return to, if it is one of ours; otherwise the worklist. */
export function backOf(address: unknown): string {
  return typeof address === 'string' &&
    /^\/(review(\/[0-9a-f-]{36})?|decide|ask|signature|service|later|waiting|without-help|helped)(\?[A-Za-z0-9=&_-]{1,600})?$/.test(
      address,
    )
    ? address
    : '/decide';
}

/** Matches the UUID of a referral, person or screening. */
export const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Reads the limit of a page. The contract has checked the API's; a page without one shows fifty.
 */
export function limitOf(parameter: unknown): number {
  const limit = Number(parameter ?? 50);
  return Number.isInteger(limit) && limit >= 1 && limit <= 200 ? limit : 50;
}
