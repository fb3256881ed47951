import { mapDefined } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import { parseDecision, type ReviewDecision } from './decisions.ts';

/**
 * The form fields of each decision. A page has them side by side, and only those of the pressed
 * button count.
 */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  approve: ['recipient', 'reason'],
  refuse: ['reason'],
  postpone: ['until', 'reason'],
  chooseCode: ['condition', 'code', 'reason'],
  agree: ['agreedOn', 'askedBy', 'reason'],
  withdrawAgreement: ['reason'],
  recordConsent: ['dateTime', 'until', 'recipient', 'scope', 'askedBy', 'reason'],
  withdrawConsent: ['reason'],
  chooseService: ['serviceCode', 'reason'],
  askNext: ['recipient', 'reason'],
  closeWithoutHelp: ['reason'],
};

/**
 * Reads a form of the review pages: `referral` repeated, `version.<referral>` for the version that
 * was shown, the pressed button as `decision`, and the fields of that decision.
 *
 * @throws AppError REQUEST_INVALID
 */
export function formOf(body: unknown): ReviewDecision {
  const fields = fieldsIn(body);
  const chosen = fields.get('referral');
  const referrals = chosen === undefined ? [] : [chosen].flat().map(String);
  if (referrals.length === 0)
    throw new AppError('REQUEST_INVALID', 'Choose at least one referral; nothing was recorded');
  const decision = String(fields.get('decision') ?? '');
  const wanted = mapDefined(
    Object.hasOwn(fieldsOf, decision) ? (fieldsOf[decision] ?? []) : [],
    (name) => {
      const field = fields.get(`${decision}.${name}`) ?? fields.get(name);
      return typeof field === 'string' && field.trim() !== ''
        ? ([name, field] as const)
        : undefined;
    },
  );
  const versions = mapDefined(referrals, (id) => {
    const version = fields.get(`version.${id}`);
    return typeof version === 'string' ? ([id, version] as const) : undefined;
  });
  return parseDecision({
    referrals,
    versions: Object.fromEntries(versions),
    decision,
    ...Object.fromEntries(wanted),
  });
}

const fieldsIn = (body: unknown) =>
  new Map<string, unknown>(Object.entries(typeof body === 'object' && body !== null ? body : {}));

/** The texts and choices of a form, shown again if no decision could be made of it. */
export type Typed = { text: Readonly<Record<string, string>>; chosen: readonly string[] };

/** The form of a reviewer that has not typed or chosen anything. */
export const nothingTyped: Typed = { text: {}, chosen: [] };

/** Reads the texts and choices of a form, to show them again. */
export function typedIn(body: unknown): Typed {
  const text = mapDefined([...fieldsIn(body)], ([name, content]) =>
    typeof content === 'string' ? ([name, content] as const) : undefined,
  );
  const chosen = fieldsIn(body).get('referral');
  return {
    text: Object.fromEntries(text),
    chosen: [chosen].flat().filter((one) => typeof one === 'string'),
  };
}

/** Gives the page to return to, if it is one of ours; otherwise the worklist. */
export function backOf(address: unknown): string {
  return typeof address === 'string' &&
    /^\/review(\/[0-9a-f-]{36}|\?[A-Za-z0-9=&_-]{1,600})?$/.test(address)
    ? address
    : '/review';
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
