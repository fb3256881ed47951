import { systems } from '@loopwell/fhir';
import { saysPersonsNo } from '@loopwell/sdoh';
import type { InboxRow } from '@loopwell/store';

/**
 * Tells whether a partner says without a code of ours that the person said no: in the words of its
 * reason, or by the guide's code that forbids to contact the person. DECISIONS D173.
 */
export function saysPersonsNoIn({
  reason,
  codes,
  button,
}: Pick<InboxRow, 'reason' | 'codes' | 'button'>): boolean {
  // A button says it by its own code, and its words are ours.
  if (button) return false;
  if (reason !== null && saysPersonsNo(reason)) return true;
  const coded = JSON.parse(codes) as { system: string; code: string }[];
  return coded.some(
    ({ system, code }) => system === systems.sdohcc && code === 'contacting-subject-prohibited',
  );
}
