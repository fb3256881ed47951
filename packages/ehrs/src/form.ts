import type { SearchPage } from '@loopwell/fhir/client';
import { errorRecord, type Facts } from '@loopwell/kit';
import type { SearchForm } from '@loopwell/sdoh';

export type Parameters = Record<string, string | string[]>;

/**
 * What is known of how one EHR is searched. Kept by whoever opens it, so that each refusal is met
 * once.
 */
export type Forms = {
  formOf: (type: string, byPatient: boolean) => SearchForm | undefined;
  /** A form that worked, and the refusal that led to it. */
  learn: (type: string, byPatient: boolean, form: SearchForm, refusal: Facts) => Promise<void>;
};

export const usualForm: SearchForm = { time: 'ge-lt', sort: true, count: true, category: true };

/** Taken away one by one: first what only helps, last what narrows. */
const steps: readonly (keyof SearchForm)[] = ['sort', 'time', 'count', 'category'];
const times: readonly SearchForm['time'][] = ['ge-lt', 'ge-le', 'ge', 'none'];

/**
 * A refusal of what was asked. One of 401, 403 or 404 is about us or the type, and no form mends
 * it.
 */
export const isRefusedForm = (error: unknown): boolean => {
  const { code, facts } = errorRecord(error);
  // Some answer 200 with an OperationOutcome in place of entries.
  if (code === 'REMOTE_UNAVAILABLE' && facts.status === undefined)
    return saysNotThis.has(String(facts.issueCode));
  return (
    code === 'REMOTE_REFUSED' &&
    facts.interaction === 'search' &&
    [400, 422, 501].includes(Number(facts.status))
  );
};

/** Issue codes (R4 IssueType) that are about what was asked. */
const saysNotThis: ReadonlySet<string> = new Set([
  'not-supported',
  'invalid',
  'structure',
  'required',
  'value',
  'invariant',
]);

/** Each form after `form`, with one parameter less than the one before. */
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

/** Each form that puts back one parameter that was taken away before the one that was to blame. */
function* putBack(searchForm: SearchForm, from: SearchForm): Generator<SearchForm> {
  for (const step of steps)
    if (searchForm[step] !== from[step]) yield { ...searchForm, [step]: from[step] };
}

export type Asked = { page: SearchPage; form: SearchForm };

/**
 * Asks for the first page of a search. Where the EHR refuses it, parameters are taken away one by
 * one until it answers, and then put back one by one as far as it takes them, so that as little as
 * possible is missing.
 *
 * @throws the first refusal when the EHR answers in no form
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

/** The one parameter of `form` that was put back. */
const only = (form: SearchForm, best: SearchForm, start: SearchForm): Partial<SearchForm> =>
  Object.fromEntries(
    steps
      .filter((step) => form[step] === start[step] && best[step] !== start[step])
      .map((step) => [step, form[step]]),
  );
