import {
  type LinkedPartner,
  type PartnerHelper,
  partnerDoor,
  type SecondWay,
  type Tx,
} from '@loopwell/store';
import type { Sender } from '../shell/door-cookies.ts';
import type { PartnerPageDeps } from '../shell/page-deps.ts';

/** A one-time code on its way to a helper of a partner. */
export type SecondCode = { partner: string; second: SecondWay; code: string };

/** What the sign-in needs. */
export type SignInDeps = Pick<PartnerPageDeps, 'db' | 'secrets'> & {
  /** Tells whether a partner's helpers need a one-time code besides their own. */
  needsSecondCode: (tx: Tx, partner: string) => Promise<boolean>;
  /** Sends a one-time code; false where it was not taken. */
  sendCode: (message: SecondCode) => Promise<boolean>;
};

/** What came of typing a code. A wrong code, one that has ended and a forged link are the same. */
export type SignInResult =
  | { kind: 'signed-in'; session: string; partner: string }
  | { kind: 'second'; session: string; way: SecondWay['way'] }
  | { kind: 'no-second-way' }
  | { kind: 'nothing-typed' }
  | { kind: 'wrong' }
  | { kind: 'wait'; until: Date };

/** A code that was typed at a link. */
export type TypedCode = {
  linked: LinkedPartner | undefined;
  code: string;
  sender: Sender;
};

/** Signs a helper in by their code, or counts it against their browser. DECISIONS D195. */
export async function signIn(deps: SignInDeps, typed: TypedCode): Promise<SignInResult> {
  const code = typed.code.replace(/\D/g, '');
  if (code === '') {
    if (typed.linked) await noteEmptyForm(deps, typed.linked, typed.sender);
    return { kind: 'nothing-typed' };
  }
  const begun = await deps.db.tx((tx) => tryCode(tx, deps, { ...typed, code }));
  if (begun.kind !== 'to-send') return begun;
  const { session, message } = begun;
  const isSent = await deps.sendCode(message);
  if (!isSent) return { kind: 'no-second-way' };
  return {
    kind: 'second',
    session,
    way: message.second.way,
  };
}

/** A form that was sent as it stood: mail scanners do that. It changes nothing. */
const noteEmptyForm = ({ db }: SignInDeps, { partner }: LinkedPartner, { browser }: Sender) =>
  partnerDoor.noteEmptyForm(db, { partner, by: `browser:${browser.slice(0, 4)}` });

type ToSend = { kind: 'to-send'; session: string; message: SecondCode };

async function tryCode(tx: Tx, deps: SignInDeps, typed: TypedCode): Promise<SignInResult | ToSend> {
  const { linked, code, sender } = typed;
  const attempt = await partnerDoor.beginCodeTry(tx, deps.secrets, sender);
  if (attempt.waitUntil)
    return {
      kind: 'wait',
      until: attempt.waitUntil,
    };
  const sought = {
    partner: linked?.partner,
    code,
  };
  const helper = await partnerDoor.helperByCode(tx, deps.secrets, sought);
  if (!linked || !helper) {
    await partnerDoor.countWrongCode(tx, attempt);
    const by = `browser:${sender.browser.slice(0, 4)}`;
    if (linked) await partnerDoor.recordWrongCode(tx, { partner: linked.partner, by });
    return { kind: 'wrong' };
  }
  await partnerDoor.forgetWrongCodes(tx, attempt);
  return (await deps.needsSecondCode(tx, linked.partner))
    ? askSecondCode(tx, deps, helper)
    : openFor(tx, helper);
}

async function openFor(tx: Tx, { id, partner }: PartnerHelper): Promise<SignInResult> {
  await partnerDoor.noteSignIn(tx, id);
  const by = `helper:${id}`;
  await partnerDoor.recordDoorEvent(tx, { partner, kind: 'signed-in', helper: id, by });
  const session = await partnerDoor.openPartnerSession(tx, { partner, helper: id });
  return {
    kind: 'signed-in',
    session,
    partner,
  };
}

/** Makes the one-time code of a helper, and a session that waits for it. */
async function askSecondCode(
  tx: Tx,
  { secrets }: SignInDeps,
  { id, partner, second }: PartnerHelper,
): Promise<SignInResult | ToSend> {
  if (!second) return { kind: 'no-second-way' };
  const session = await partnerDoor.openPartnerSession(tx, { partner, helper: id });
  const waiting = {
    secret: session,
    helper: id,
  };
  const oneTime = await partnerDoor.awaitSecondCode(tx, secrets, waiting);
  if (oneTime === undefined) {
    await partnerDoor.endPartnerSession(tx, session);
    return { kind: 'no-second-way' };
  }
  const by = `helper:${id}`;
  await partnerDoor.recordDoorEvent(tx, { partner, kind: 'second-code', helper: id, by });
  return { kind: 'to-send', session, message: { partner, second, code: oneTime } };
}

/** Takes the one-time code of a session that waits for it. */
export const takeSecondCode = (
  { db, secrets }: SignInDeps,
  { session, code }: { session: string; code: string },
): Promise<'signed-in' | 'wrong' | 'ended'> =>
  db.tx(async (tx) => {
    const typed = {
      secret: session,
      code: code.replace(/\D/g, ''),
    };
    const tried = await partnerDoor.trySecondCode(tx, secrets, typed);
    if (tried.kind !== 'right') return tried.kind;
    const { partner, helper } = tried;
    await partnerDoor.noteSignIn(tx, helper);
    const by = `helper:${helper}`;
    await partnerDoor.recordDoorEvent(tx, { partner, kind: 'signed-in', helper, by });
    return 'signed-in';
  });
