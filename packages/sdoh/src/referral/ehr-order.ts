import { type fhir4, systems } from '@loopwell/fhir';
import { dayIn, timeZoneOf } from '@loopwell/kit';
import type { Coding } from '../fhir-json/codings.ts';
import { isObject, objectsOf } from '../fhir-json/tolerant-readers.ts';

/**
 * How the EHR's own order ends: its status, and one sentence that says why. Nothing else in it is
 * changed.
 * DECISIONS D65.
 */
export type OrderEnd = { status: 'completed' | 'revoked'; note: fhir4.Annotation };

/**
 * How a partner's Task ended, in codes: a partner's free words go to no EHR. `coded`: codes of its
 * own reason that hold no words.
 */
export type TaskEnd = {
  status: string;
  reason?: string | null | undefined;
  coded?: readonly Coding[] | undefined;
  at: Date;
};

const isCode = (text: string | null | undefined): text is string =>
  typeof text === 'string' && /^[a-z][a-z-]{0,40}$/.test(text);

/** Short names of the code systems whose codes a reason may hold. */
const systemNames: Readonly<Record<string, string>> = {
  [systems.snomed]: 'SNOMED CT',
  [systems.loinc]: 'LOINC',
  [systems.icd10cm]: 'ICD-10-CM',
  [systems.sdohcc]: 'SDOHCC',
};

/** Writes the reason that we keep, and the codes in which the partner gave it. */
function reasonsOf({ reason, coded = [] }: TaskEnd): string {
  const codes = coded.filter(
    (coding) => coding.system !== systems.declineReason && coding.code !== reason,
  );
  const written = codes.map(({ system, code }) => `${systemNames[system] ?? system} ${code}`);
  const all = new Set(isCode(reason) ? [reason, ...written] : written);
  return all.size > 0 ? `, reason: ${[...all].join('; ')}` : '';
}

/**
 * Builds what is written into the EHR's own order at the end of ours: the partner's status, the
 * coded reason, and the date.
 *
 * @param timeZone whose day it is: the site's, or the machine's when left out
 */
export function orderEnd(
  status: OrderEnd['status'],
  category: string,
  task: TaskEnd,
  timeZone?: string,
): OrderEnd {
  const reason = reasonsOf(task);
  const day = dayIn(timeZoneOf({ timeZone }), task.at);
  const partner = isCode(task.status) ? task.status : 'unknown';
  const text =
    `Community referral (${category}): the partner's status is ${partner}${reason}, as of ` +
    `${day}.`;
  return { status, note: { authorString: 'Loopwell', time: task.at.toISOString(), text } };
}

/** Statuses from which an order may be ended: a clinician's own end stays. */
const open: ReadonlySet<unknown> = new Set(['active', 'on-hold', 'draft']);

const hasNote = (order: fhir4.ServiceRequest, { note }: OrderEnd) =>
  objectsOf(order.note).some((one) => one.text === note.text);

/**
 * Tells whether the order in the EHR has this status already: ended here before, or in the same way
 * by a clinician.
 */
export const isEndedSo = (order: fhir4.ServiceRequest, end: OrderEnd): boolean =>
  order.status === end.status;

/** Tells whether the order shows what was written: the status and the note. */
export const showsEnd = (order: fhir4.ServiceRequest, end: OrderEnd): boolean =>
  isEndedSo(order, end) && hasNote(order, end);

/**
 * Returns the EHR's order with status and note changed and all else as it was read.
 *
 * @returns undefined where it must not be changed: it was ended otherwise, or its notes cannot be
 * read
 */
export function endedOrder(
  order: fhir4.ServiceRequest,
  end: OrderEnd,
): fhir4.ServiceRequest | undefined {
  if (!open.has(order.status)) return undefined;
  const { note } = order;
  if (note !== undefined && !(Array.isArray(note) && note.every(isObject))) return undefined;
  return { ...order, status: end.status, note: [...(note ?? []), end.note] };
}
