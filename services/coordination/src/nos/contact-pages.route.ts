import { type App, createPages, type Pages, type Principal, type Response } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { findSubject } from '../find-subject.ts';
import { type ReviewDeps, todayOf } from '../reviewer.ts';
import { requireShown } from '../shown-people.ts';
import { english, type ReviewTexts } from '../texts/en.ts';
import { type ContactFeedback, contactForms } from './contact-forms.ts';
import { readContact } from './contact-view.ts';
import { parseBroughtUp, parseNo, parseTry, parseTryEnd } from './no-body.ts';
import { bringUp, recordNo } from './record-no.ts';
import { endTry, makeTry } from './record-try.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

type Form = Readonly<Record<string, string>>;
type Done = 'done' | 'same';
/** What a form of the page does with what was typed. */
type Act = (form: Form, principal: Principal, params: Record<string, string>) => Promise<Done>;

/** Adds the forms of a person's page for their nos and the tries to reach them. */
export function addContactPages(app: App, deps: ReviewDeps): void {
  const pages = createPages(app, { en: english });
  const add = (path: string, act: Act) => {
    app.route('post', path, person, async (request, response, principal) => {
      const params = request.params as Record<string, string>;
      const form = typedIn(request.body);
      try {
        const done = await act(form, principal, params);
        response.redirect(303, `/people/${params.personId}?contact=${done}#contact`);
      } catch (error) {
        if (!(error instanceof AppError) || !isShown(error)) throw error;
        const typed = { ...form, no: params.noId ?? '' };
        await showAgain({ deps, pages, response, principal }, params.personId ?? '', {
          ...{ problem: error, typed },
        });
      }
    });
  };
  add('/people/:personId/noes', async (form, principal, { personId = '' }) => {
    const body = parseNo(form, todayOf(deps));
    return (await recordNo(deps, principal, personId, body)).result === 'same' ? 'same' : 'done';
  });
  add('/people/:personId/noes/:noId/brought-up', async (form, principal, params) => {
    const on = parseBroughtUp(form, todayOf(deps));
    await bringUp(deps, principal, { person: params.personId ?? '', no: params.noId ?? '', on });
    return 'done';
  });
  add('/people/:personId/tries', async (form, principal, { personId = '' }) => {
    await makeTry(deps, principal, personId, parseTry(form));
    return 'done';
  });
  add('/people/:personId/tries/:tryId', async (form, principal, params) => {
    const { saidWhy = '', ...rest } = form;
    const why = saidWhy === '' ? {} : { saidWhy: saidWhy === 'yes' };
    const subject = { person: params.personId ?? '', id: params.tryId ?? '' };
    await endTry(deps, principal, subject, parseTryEnd({ ...rest, ...why }));
    return 'done';
  });
}

/** Reads the texts of a form. */
function typedIn(body: unknown): Form {
  const entries = Object.entries((body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Tells whether an error is about what was typed, or about the state of the person. */
const isShown = ({ code }: AppError): boolean => code === 'REQUEST_INVALID' || code === 'CONFLICT';

type Shown = {
  deps: ReviewDeps;
  pages: Pages<ReviewTexts>;
  response: Response;
  principal: Principal;
};

/** Shows the forms again with everything that was typed, and what is wrong at its field. */
async function showAgain(
  { deps, pages, response, principal }: Shown,
  id: string,
  feedback: ContactFeedback,
): Promise<void> {
  const view = await deps.tx(async (tx) => {
    const subject = await findSubject(tx, id);
    await requireShown(tx, { principal, page: '/people/:personId' }, subject.patients);
    return readContact(tx, subject, todayOf(deps));
  });
  const status = feedback.problem?.code === 'CONFLICT' ? 409 : 400;
  pages.show(response, (texts) => ({
    status,
    title: texts.personPage.title,
    body: contactForms(view, feedback, texts),
    principal,
    current: '/review',
  }));
}
