import { type Html, html, notice, type Response } from '@loopwell/http';
import { newId, timeZoneOf, todayAt } from '@loopwell/kit';
import { clockMoves, type Tx } from '@loopwell/store';
import type { SignedInHelper } from '../shell/helper-door.ts';
import { fill } from '../texts/calendar.ts';
import { type Offered, offerTexts } from '../texts/languages.ts';
import type { RequestDeps } from './request-deps.ts';
import {
  type Clinic,
  clinicText,
  type PageContext,
  type PageNotice,
  pathOf,
} from './views/page-model.ts';

/** Whoever looks, and the words that they read. */
export type View = {
  helper: SignedInHelper;
  offered: Offered;
  clinic: Clinic;
};

/** Picks the words of a view by the languages of the browser. */
export async function openView(
  tx: Tx,
  response: Response,
  helper: SignedInHelper,
  { languages, settings, door: { clock } }: RequestDeps,
): Promise<View> {
  const { mayMove: isSandbox } = await clockMoves.readMoves(tx);
  const place = {
    timeZone: timeZoneOf(clock),
    today: todayAt(clock),
    isSandbox,
  };
  const wishes = response.req.acceptsLanguages();
  const clinic = {
    name: settings.siteName,
    phone: settings.sitePhone,
  };
  return {
    helper,
    offered: offerTexts(languages, {
      wishes,
      ...place,
    }),
    clinic,
  };
}

/** Gives what every part of a page of this view needs. */
export const contextOf = ({ helper, offered, clinic }: View, result?: PageNotice): PageContext => ({
  texts: offered.texts,
  clinic,
  token: helper.token,
  formKey: helper.formKey,
  newKey: newId,
  notice: result,
});

/** What a route shows: the body, and another status than 200. */
export type ShownBody = {
  body: Html;
  status?: number;
  /** The address of another page that is shown instead. */
  leadsTo?: string;
};

/** Answers with a page in the words of the view. */
export function showView(
  response: Response,
  view: View,
  { door }: RequestDeps,
  { body, status }: ShownBody,
): void {
  const { language } = view.offered.texts;
  const page = { language, body: html`${languageNotice(view)}${body}` };
  door.show(
    response,
    view.helper,
    status === undefined
      ? page
      : {
          ...page,
          status,
        },
  );
}

/** Renders that nobody has checked the words of the reader's language, and whom to ask. */
function languageNotice({ offered, clinic }: View): Html | undefined {
  const { missing: language, texts } = offered;
  if (language === undefined) return undefined;
  const { notReviewed, interpreter, interpreterAlone } = texts.words.frame;
  const ask = clinicText(interpreter, interpreterAlone, clinic);
  return notice('wait', html`${fill(notReviewed, { language })} ${ask}`);
}

/** Makes the page for a request that this partner cannot see, whatever the reason. */
export function gonePage(view: View): ShownBody {
  const context = contextOf(view);
  const { errors, frame, list } = context.texts.words;
  const text = clinicText(errors.gone, errors.goneAlone, view.clinic);
  const body = html`<h1>${list.title}</h1>
${notice('problem', text)}
<p><a class="button" href="${pathOf(context)}">${frame.toList}</a></p>
<p><strong>${frame.closing}</strong></p>`;
  return {
    status: 404,
    body,
  };
}
