import { type App, createPages, html } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import { referrals } from '@loopwell/store';
import { findSubject } from '../find-subject.ts';
import { requireShown } from '../shown-people.ts';
import { english } from '../texts/en.ts';
import { mustByForms, openNeeds } from './must-by-forms.ts';
import { type MustByDeps, setMustBy } from './set-must-by.ts';

const person = { kind: 'person', role: 'reviewer' } as const;
const either = { kind: 'person-or-service', role: 'reviewer' } as const;

/** Adds the ways by which the date of a need is set, changed or removed, alone. */
export function addMustByRoutes(app: App, deps: MustByDeps): void {
  const path = '/api/v1/reviews/:referralId/must-by';
  app.route('put', path, either, async (request, response, principal) => {
    const { mustBy } = request.body as { mustBy: string | null };
    const referral = String(request.params.referralId);
    await setMustBy(deps, principal, { referral, mustBy });
    response.json({ mustBy });
  });
  addForm(app, deps);
}

/** Adds the form of the page of a person; a wrong date comes back at its field. */
function addForm(app: App, deps: MustByDeps): void {
  const pages = createPages(app, { en: english });
  const path = '/people/:personId/must-by';
  app.route('post', path, person, async (request, response, principal) => {
    const { referral, typed } = readForm(request.body);
    const read = await deps.tx(async (tx) => {
      const subject = await findSubject(tx, String(request.params.personId));
      await requireShown(tx, { principal, page: '/people/:personId' }, subject.patients);
      const needs = openNeeds(await referrals.referralsOfPeople(tx, subject.patients));
      return { person: subject.person, needs };
    });
    if (!read.needs.some(({ id }) => id === referral))
      throw new AppError('NOT_FOUND', 'There is no such referral');
    try {
      await setMustBy(deps, principal, { referral, mustBy: typed === '' ? null : typed });
    } catch (error) {
      if (!(error instanceof AppError) || error.facts.field !== 'mustBy') throw error;
      const problem = { referral, typed, rule: `${error.message}.` };
      pages.show(response, (texts) => ({
        title: texts.personPage.title,
        body: html`<p><a href="/people/${read.person}">${texts.mustBy.back}</a></p>
${mustByForms(read, { problem }, texts)}`,
        principal,
        current: '/people',
        status: 400,
      }));
      return;
    }
    response.redirect(303, `/people/${read.person}?date=saved#must-by`);
  });
}

function readForm(body: unknown): { referral: string; typed: string } {
  const { referral, mustBy } = (body ?? {}) as Record<string, unknown>;
  return { referral: String(referral ?? ''), typed: String(mustBy ?? '').trim() };
}
