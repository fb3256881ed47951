import type { fhir4 } from '@loopwell/fhir';
import { withoutUndefined } from '@loopwell/fhir';
import type { SearchPage } from '@loopwell/fhir/client';
import { errorRecord } from '@loopwell/kit';
import type { SearchForm } from '@loopwell/sdoh';
import { askInForms, type Parameters, usualForm } from './form.ts';
import type { Reader, Stretch, WindowClient } from './ports.ts';
import type { EhrQuirks } from './quirks.ts';

/**
 * Asks for the first page of a stretch, in the form that the EHR takes. The form is learned if the
 * usual one was refused.
 */
export async function firstPage(
  { client, quirks, forms }: Reader,
  window: Stretch,
): Promise<{ page: SearchPage; form: SearchForm }> {
  const { type, patient } = window;
  const start = forms.formOf(type, patient !== undefined) ?? usualForm;
  try {
    const { page, form, refusal } = await askInForms(
      (parameters) => client.search(type, parameters),
      (form) => parametersOf(quirks, window, form),
      start,
    );
    if (refusal) await forms.learn(type, patient !== undefined, form, refusal);
    return { page, form };
  } catch (error) {
    const read = await readPatient(client, window, error);
    if (!read) throw error;
    return { page: read, form: { ...start, time: 'none' } };
  }
}

/**
 * Reads the Patient by id after a refused search, because some servers allow a read and no search.
 * Gives undefined if the read does not help.
 */
async function readPatient(
  { read }: WindowClient,
  { type, patient }: Stretch,
  error: unknown,
): Promise<SearchPage | undefined> {
  const { code, facts } = errorRecord(error);
  if (
    !read ||
    type !== 'Patient' ||
    patient === undefined ||
    code !== 'REMOTE_REFUSED' ||
    facts.status === 401
  )
    return undefined;
  try {
    const { resource } = await read<fhir4.Patient>('Patient', patient);
    return { resources: [resource as SearchPage['resources'][number]], invalid: [], outcomes: [] };
  } catch (second) {
    const record = errorRecord(second);
    if (
      record.code === 'REMOTE_REFUSED' &&
      [404, 410].includes(Number(record.facts.status)) &&
      Number(facts.status) !== 403
    )
      return { resources: [], invalid: [], outcomes: [] };
    return undefined;
  }
}

/**
 * Asks for the next page by `_offset`, if the server names no next page although its total says
 * that there is more. Gives undefined if that does not help.
 */
export async function byOffset(
  { client, quirks }: Reader,
  window: Stretch,
  form: SearchForm,
  going: Progress,
  page: SearchPage,
) {
  if (
    !window.byOffset ||
    going.total === undefined ||
    going.rows >= going.total ||
    page.resources.length === 0 ||
    going.idle > 0
  )
    return undefined;
  const parameters = { ...parametersOf(quirks, window, form), _offset: String(going.entries) };
  const next = await client.search(window.type, parameters).catch((error: unknown) => {
    if (errorRecord(error).code === 'REMOTE_REFUSED') return undefined;
    throw error;
  });
  // A server that ignores `_offset` shows the same page again.
  const askedForms = new Set(page.resources.map(idOf));
  if (
    !next ||
    next.resources.length === 0 ||
    next.resources.some((one) => askedForms.has(idOf(one)))
  )
    return undefined;
  going.suspect = false;
  return next;
}

const idOf = (resource: { id?: string | undefined }) => resource.id;

/** The state of a walk whose last page may not be the end of the search. */
type Progress = {
  total: number | undefined;
  rows: number;
  entries: number;
  idle: number;
  suspect: boolean;
};

/**
 * Gives what narrows the search of a type beside its time. Appointments of the past are not asked
 * for.
 */
const narrowingOf = (quirks: EhrQuirks, type: string, to: Date): Parameters =>
  type === 'Appointment'
    ? { date: `ge${to.toISOString().slice(0, 10)}`, ...quirks.search?.[type] }
    : { ...quirks.search?.[type] };

/** Makes the search parameters of a stretch in one form. */
function parametersOf(
  quirks: EhrQuirks,
  { type, from, to, patient, count, bounded }: Stretch,
  form: SearchForm,
): Parameters {
  const whose: Parameters =
    patient === undefined ? {} : { [type === 'Patient' ? '_id' : 'patient']: patient };
  // `ge` has to be shown to work: without a beginning, one that leaves nothing out is asked for.
  const begin = from ?? (form.time === 'ge' && patient === undefined ? earliest : undefined);
  const bounds = boundsOf(begin, patient === undefined || bounded ? to : undefined, form.time);
  return {
    ...(form.category ? narrowingOf(quirks, type, to) : {}),
    ...whose,
    ...withoutUndefined({
      _lastUpdated: bounds.length > 0 ? bounds : undefined,
      _sort: form.sort ? '_lastUpdated' : undefined,
      _count: form.count ? String(count) : undefined,
    }),
  };
}

const earliest = new Date('1900-01-01T00:00:00Z');

/** Makes the values of `_lastUpdated`. With `le`, the end is a millisecond less than with `lt`. */
function boundsOf(
  from: Date | undefined,
  to: Date | undefined,
  time: SearchForm['time'],
): string[] {
  if (time === 'none') return [];
  const begin = from ? [`ge${from.toISOString()}`] : [];
  if (time === 'ge' || to === undefined) return begin;
  return [
    ...begin,
    time === 'ge-lt' ? `lt${to.toISOString()}` : `le${new Date(to.getTime() - 1).toISOString()}`,
  ];
}
