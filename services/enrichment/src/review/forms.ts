import { AppError } from '@loopwell/kit';
import { parseDecision, type ReviewDecision } from './decisions.ts';

/** Which fields of the form belong to which decision: a page has them side by side, and only the pressed button counts. */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  approve: ['reason'],
  refuse: ['reason'],
  postpone: ['until', 'reason'],
  chooseCode: ['condition', 'code', 'reason'],
  agree: ['agreedOn', 'askedBy', 'reason'],
  withdrawAgreement: ['reason'],
  recordConsent: ['dateTime', 'until', 'scope', 'askedBy', 'reason'],
  withdrawConsent: ['reason'],
  chooseService: ['serviceCode', 'reason'],
};

/**
 * Reads a form of the review pages: `referral` repeated, `version.<referral>` for what was shown, the pressed button as
 * `decision`, and the fields of that decision.
 *
 * @throws AppError REQUEST_INVALID
 */
export function formOf(body: unknown): { decision: ReviewDecision; back: string } {
  const fields = new Map(Object.entries(typeof body === 'object' && body !== null ? body : {}));
  const chosen = fields.get('referral');
  const referrals = Array.isArray(chosen) ? chosen.map(String) : typeof chosen === 'string' ? [chosen] : [];
  if (referrals.length === 0) throw new AppError('REQUEST_INVALID', 'Choose at least one referral; nothing was recorded');
  const decision = String(fields.get('decision') ?? '');
  const wanted = (fieldsOf[decision] ?? []).flatMap((name) => {
    const value = fields.get(`${decision}.${name}`) ?? fields.get(name);
    return typeof value === 'string' && value.trim() !== '' ? [[name, value] as const] : [];
  });
  const versions = referrals.flatMap((id) => {
    const version = fields.get(`version.${id}`);
    return typeof version === 'string' ? [[id, version] as const] : [];
  });
  return {
    decision: parseDecision({
      referrals,
      versions: Object.fromEntries(versions),
      decision,
      ...Object.fromEntries(wanted),
    }),
    back: backOf(fields.get('back')),
  };
}

/** Only to pages of ours. */
function backOf(value: unknown): string {
  return typeof value === 'string' && /^\/review(\/[0-9a-f-]{36}|\?[A-Za-z0-9=&-]+)?$/.test(value) ? value : '/review';
}

/** The contract has checked it; a page without one shows fifty. */
export function limitOf(value: unknown): number {
  const limit = Number(value ?? 50);
  return Number.isInteger(limit) && limit >= 1 && limit <= 200 ? limit : 50;
}
