import type { SearchPage } from '@loopwell/fhir/client';
import { errorRecord, type Facts } from '@loopwell/kit';
import type { SearchForm } from '@loopwell/sdoh';

export type Parameters = Record<string, string | string[]>;

/**
 * The forms in which one EHR is searched. The caller that opens the EHR keeps them, so that each
 * refusal is met once.
 */
export type Forms = {
  formOf: (type: string, byPatient: boolean) => SearchForm | undefined;
  /** Keeps a form that worked, and the refusal that led to it. */
  learn: (type: string, byPatient: boolean, form: SearchForm, refusal: Facts) => Promise<void>;
};

/** The form of a search that is tried first. */
export const usualForm: SearchForm = { time: 'ge-lt', sort: true, count: true, category: true };

/**
 * Parameters in the order in which they are taken away: first those that only help, last those that
 * narrow the search.
 */
const steps: readonly (keyof SearchForm)[] = ['sort', 'time', 'count', 'category'];
const times: readonly SearchForm['time'][] = ['ge-lt', 'ge-le', 'ge', 'none'];

/**
 * Tells whether an error refuses the parameters of a search. A 401, 403 or 404 is about us or the
 * type, and another form does not help.
 */
export const isRefusedForm = (error: unknown): boolean => {
  const { code, facts } = errorRecord(error);
  // Some servers answer 200 with an OperationOutcome in place of entries.
  if (code === 'REMOTE_UNAVAILABLE' && facts.status === undefined)
    return saysNotThis.has(String(facts.issueCode));
  return (
    code === 'REMOTE_REFUSED' &&
    facts.interaction === 'search' &&
    [400, 422, 501].includes(Number(facts.status))
  );
};

/** Issue codes (R4 IssueType) that are about the parameters of a search. */
const saysNotThis: ReadonlySet<string> = new Set([
  'not-supported',
  'invalid',
  'structure',
  'required',
  'value',
  'invariant',
]);

/** Lists each form after `form`, with one parameter less than the one before. */
function* lesser(form: SearchForm): Generator<SearchForm> {
  let current = form;
  for (const step of steps) {
    if (step !== 'time') {
      if (!current[step]) continue;
      current = { ...current, [step]: false };
      yield current;
      continue;
    }
    for (const time of times.slice(times.indexOf(current.time) + 1)) {
      current = { ...current, time };
      yield current;
    }
  }
}

/**
 * Lists the forms that put back one parameter each. Such a parameter was taken away before the one
 * that caused the refusal.
 */
function* putBack(searchForm: SearchForm, from: SearchForm): Generator<SearchForm> {
  for (const step of steps)
    if (searchForm[step] !== from[step]) yield { ...searchForm, [step]: from[step] };
}

export type Asked = { page: SearchPage; form: SearchForm };

/**
 * Asks for the first page of a search in the fullest form that the EHR takes. If the EHR refuses,
 * parameters are taken away one by one until it answers. They are then put back one by one as far
 * as the EHR takes them, so that as little as possible is missing.
 *
 * @throws the first refusal if the EHR answers in no form
 */
export async function askInForms(
  ask: (parameters: Parameters) => Promise<SearchPage>,
  parametersOf: (form: SearchForm) => Parameters,
  start: SearchForm,
): Promise<Asked & { refusal?: Facts }> {
  const tried = new Map<string, SearchPage | undefined>();
  const attempt = async (form: SearchForm): Promise<SearchPage | undefined> => {
    const parameters = parametersOf(form);
    const key = JSON.stringify(parameters);
    if (tried.has(key)) return tried.get(key);
    const page = await ask(parameters).catch((error: unknown) => {
      if (!isRefusedForm(error)) throw error;
      first ??= error;
      return undefined;
    });
    tried.set(key, page);
    return page;
  };
  let first: unknown;
  const usual = await attempt(start);
  if (usual) return { page: usual, form: start };
  for (const form of lesser(start)) {
    const page = await attempt(form);
    if (page)
      return {
        ...(await enrich({ page, form }, start, attempt)),
        refusal: errorRecord(first).facts,
      };
  }
  throw first;
}

/** Puts parameters back into a form that worked, as long as the EHR answers. */
async function enrich(
  answer: Asked,
  start: SearchForm,
  attempt: (form: SearchForm) => Promise<SearchPage | undefined>,
): Promise<Asked> {
  let best = answer;
  for (const form of putBack(answer.form, start)) {
    const candidate = { ...best.form, ...only(form, best.form, start) };
    const page = await attempt(candidate);
    if (page) best = { page, form: candidate };
  }
  return best;
}

/** Gives the one parameter of `form` that was put back. */
const only = (form: SearchForm, best: SearchForm, start: SearchForm): Partial<SearchForm> =>
  Object.fromEntries(
    steps
      .filter((step) => form[step] === start[step] && best[step] !== start[step])
      .map((step) => [step, form[step]]),
  );
