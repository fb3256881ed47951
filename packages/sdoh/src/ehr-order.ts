import type { fhir4 } from '@loopwell/fhir';
import { isObject, objectsOf } from './shapes.ts';

/** How the EHR's own order ends: its status, and one sentence that says why. Nothing else in it is changed. */
export type OrderEnd = { status: 'completed' | 'revoked'; note: fhir4.Annotation };

/** How a partner's Task ended, in codes: a partner's free words go to no EHR. */
export type TaskEnd = { status: string; reason?: string | null | undefined; at: Date };

const isCode = (text: string | null | undefined): text is string => typeof text === 'string' && /^[a-z][a-z-]{0,40}$/.test(text);

/** What is written into the EHR's own order at the end of ours: the partner's status, the coded reason, and the date. */
export function orderEnd(status: OrderEnd['status'], category: string, task: TaskEnd): OrderEnd {
  const reason = isCode(task.reason) ? `, reason: ${task.reason}` : '';
  const day = task.at.toISOString().slice(0, 10);
  const partner = isCode(task.status) ? task.status : 'unknown';
  const text = `Community referral (${category}): the partner's status is ${partner}${reason}, as of ${day}.`;
  return { status, note: { authorString: 'Loopwell', time: task.at.toISOString(), text } };
}

/** Statuses from which an order may be ended: a clinician's own end stays. */
const open: ReadonlySet<unknown> = new Set(['active', 'on-hold', 'draft']);

const hasNote = (order: fhir4.ServiceRequest, { note }: OrderEnd) => objectsOf(order.note).some((one) => one.text === note.text);

/** True when the order in the EHR says so already: ended here before, or in the same way by a clinician. */
export const isEndedSo = (order: fhir4.ServiceRequest, end: OrderEnd): boolean => order.status === end.status;

/** True when the order shows what was written. */
export const showsEnd = (order: fhir4.ServiceRequest, end: OrderEnd): boolean => isEndedSo(order, end) && hasNote(order, end);

/**
 * The EHR's order as it stands there, with status and note changed and all else as it was read.
 *
 * @returns undefined where it must not be changed: somebody has ended it otherwise, or its notes cannot be read
 */
export function endedOrder(order: fhir4.ServiceRequest, end: OrderEnd): fhir4.ServiceRequest | undefined {
  if (!open.has(order.status)) return undefined;
  const { note } = order;
  if (note !== undefined && !(Array.isArray(note) && note.every(isObject))) return undefined;
  return { ...order, status: end.status, note: [...(note ?? []), end.note] };
}
