import { withoutUndefined } from '@loopwell/fhir';
import { errorRecord } from '@loopwell/kit';
import { type Forms, isRefusedForm, usualForm } from './form.ts';
import type { WindowClient } from './ports.ts';
import type { EhrQuirks } from './quirks.ts';
import { timeOf } from './rows.ts';

/**
 * Finds the newest `_lastUpdated` that the EHR shows after an instant; undefined if it shows none.
 * The rows carry the EHR's own clock, which may be ahead of the one in its Date header, for example
 * behind a gateway. `all`: none is newer, as far as the EHR says.
 */
export async function newestAfter(
  client: WindowClient,
  quirks: EhrQuirks,
  type: string,
  after: Date,
  forms: Pick<Forms, 'formOf'>,
): Promise<{ newest: Date; all: boolean } | undefined> {
  const form = forms.formOf(type, false) ?? usualForm;
  // A type that is read whole has no end by time.
  if (form.time === 'none' || quirks.patientOnly?.includes(type)) return undefined;
  const parameters = {
    ...(form.category ? quirks.search?.[type] : {}),
    _lastUpdated: `ge${after.toISOString()}`,
    ...withoutUndefined({
      _sort: form.sort ? '-_lastUpdated' : undefined,
      _count: form.count ? '20' : undefined,
    }),
  };
  try {
    const page = await client.search(type, parameters);
    const times = page.resources
      .flatMap((one) => timeOf(one)?.getTime() ?? [])
      .filter((time) => time >= after.getTime());
    if (times.length === 0) return undefined;
    const newest = Math.max(...times);
    return { newest: new Date(newest), all: page.nextUrl === undefined || times[0] === newest };
  } catch (error) {
    // Reading the window will report the error, or find the form that works.
    if (isRefusedForm(error) || errorRecord(error).code.startsWith('REMOTE_')) return undefined;
    throw error;
  }
}

/** Tells whether the EHR shows anything of a type for one patient. */
export async function givesAny(
  client: WindowClient,
  quirks: EhrQuirks,
  type: string,
  patient: string,
  forms: Pick<Forms, 'formOf'>,
): Promise<boolean> {
  const form = forms.formOf(type, true) ?? usualForm;
  const parameters = {
    ...(form.category ? quirks.search?.[type] : {}),
    patient,
    ...withoutUndefined({ _count: form.count ? '1' : undefined }),
  };
  try {
    return (await client.search(type, parameters)).resources.some(
      (one) => one.resourceType === type,
    );
  } catch (error) {
    if (errorRecord(error).code.startsWith('REMOTE_')) return false;
    throw error;
  }
}
