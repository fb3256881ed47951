import { type Html, hiddenField, html, notice, type Response } from '@loopwell/http';
import { timeOfDayIn, timeZoneOf } from '@loopwell/kit';
import { type LinkedPartner, partnerDoor } from '@loopwell/store';
import { newBrowser } from './door-cookies.ts';
import { type Clinic, type DoorTexts, doorTexts } from './door-texts.ts';
import { showFramed } from './frame.ts';
import type { PartnerPageDeps } from './page-deps.ts';

/** A sentence above the sign-in form. */
export type SignInNotice =
  | 'ended'
  | 'endedShort'
  | 'notFromHere'
  | 'nothing'
  | 'wrong'
  | 'noSecond'
  | 'secondEnded'
  | { waitUntil: Date };

/** The sign-in page of a link, as it is shown. */
type Shown = { token: string; notice?: SignInNotice; status?: number };

type Deps = Pick<PartnerPageDeps, 'db' | 'clinic' | 'clock'>;

/**
 * Answers with the sign-in page of a link: the name of its partner, and a field for a code. A link
 * that is forged or has ended is answered with a page that names nobody, as readily as a good one.
 */
export async function showSignIn(deps: Deps, response: Response, shown: Shown): Promise<void> {
  const linked = await partnerDoor.partnerOfLink(deps.db, shown.token);
  const texts = doorTexts;
  showFramed(response, {
    texts,
    partnerName: linked?.name,
    body: linked ? signInPage(deps, linked, shown) : unknownPage(deps.clinic()),
    // What is no token is no address of ours, whatever was asked for there.
    status: partnerDoor.isToken(shown.token) ? (shown.status ?? 200) : 404,
    isPadded: true,
  });
}

function signInPage(deps: Deps, { token, name }: LinkedPartner, shown: Shown): Html {
  const texts = doorTexts;
  const clinic = deps.clinic();
  const problem = shown.notice && notice('problem', sentenceOf(shown.notice, deps));
  return html`<h1>${name}</h1>
${problem}
<form method="post" action="/p/${token}/sign-in">
${hiddenField('browser', newBrowser())}
<div class="field">
<label for="code">${texts.code}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="off" maxlength="20" aria-describedby="code-hint">
<p class="hint" id="code-hint">${texts.typeCode}</p>
</div>
<button class="primary">${texts.show}</button>
</form>
<h2>${texts.noCodeTitle}</h2>
<p>${texts.noCode(clinic)}</p>
<p class="hint">${texts.sharedPhone}</p>
<p><a href="/p/${token}/what-we-keep">${texts.whatWeKeep}</a></p>`;
}

const unknownPage = (clinic: Clinic): Html =>
  html`<h1>${doorTexts.unknownTitle}</h1>
<p>${doorTexts.unknown(clinic)}</p>`;

function sentenceOf(shown: SignInNotice, { clinic, clock }: Deps): string {
  const { typed, second, ...texts } = doorTexts;
  if (typeof shown === 'object') return typed.wait(timeText(shown.waitUntil, clock));
  switch (shown) {
    case 'nothing':
    case 'wrong':
      return typed[shown];
    case 'noSecond':
      return second.none(clinic());
    case 'secondEnded':
      return second.ended;
    default:
      return texts[shown];
  }
}

/** Writes a time of day, such as `10:12 am`, a minute later rather than too early. */
function timeText(at: Date, clock: PartnerPageDeps['clock']): string {
  const minutes = Math.ceil(timeOfDayIn(timeZoneOf(clock), at) / 60_000) % 1_440;
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
  return `${hour % 12 || 12}:${String(minute).padStart(2, '0')} ${hour < 12 ? 'am' : 'pm'}`;
}

/** Renders the page that asks for a one-time code. */
export function secondCodePage(
  { token, name }: LinkedPartner,
  { state, texts }: { state: 'text' | 'email' | 'wrong'; texts: DoorTexts },
): Html {
  const { second } = texts;
  const message =
    state === 'wrong' ? notice('problem', second.wrong) : notice('done', second.sent(state));
  return html`<h1>${name}</h1>
${message}
<form method="post" action="/p/${token}/second-code">
<div class="field">
<label for="code">${second.label}</label>
<input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="20">
</div>
<button class="primary">${second.button}</button>
</form>
<p class="hint">${second.hint}</p>
<p><a href="/p/${token}">${texts.typeCode}</a></p>`;
}
