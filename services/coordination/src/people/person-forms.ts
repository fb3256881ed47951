import type { App, Pages } from '@loopwell/http';
import { AppError } from '@loopwell/kit';
import type { PersonForm, SentForm } from '../person-section.ts';
import type { ReviewDeps } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { showPerson } from './show-person.ts';

const person = { kind: 'person', role: 'reviewer' } as const;

/**
 * Adds forms of the page of a person. Each leads back to its section, which says what came of it;
 * a form that cannot be recorded is shown again with what was typed, the error at its field.
 */
export function addPersonForms(
  app: App,
  { deps, pages }: { deps: ReviewDeps; pages: Pages<ReviewTexts> },
  forms: readonly PersonForm[],
): void {
  for (const { path, section, act } of forms)
    app.route('post', path, person, async (request, response, principal) => {
      const params = request.params as Record<string, string>;
      const { personId = '' } = params;
      const form = (request.body ?? {}) as SentForm;
      try {
        await act(form, principal, params);
        response.redirect(303, `/people/${personId}?recorded=${section}#${section}`);
      } catch (error) {
        if (!(error instanceof AppError) || !isShown(error)) throw error;
        const feedback = { section, problem: error, typed: textsOf(form) };
        const shown = { deps, pages, response, principal, query: {}, feedback };
        await showPerson(shown, personId);
      }
    });
}

/** Tells whether an error is about what was typed, or about the state of the person. */
const isShown = ({ code }: AppError): boolean => code === 'REQUEST_INVALID' || code === 'CONFLICT';

/** Gives the texts of a form by field; several of one field with blanks between them. */
function textsOf(form: SentForm): Record<string, string> {
  const entries = Object.entries(form).map(([name, text]) => [name, [text].flat().join(' ')]);
  return Object.fromEntries(entries);
}
