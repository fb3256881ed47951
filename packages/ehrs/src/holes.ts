import { withoutUndefined } from '@loopwell/fhir';
import { errorRecord, fingerprint } from '@loopwell/kit';
import type { PullWindow, WindowPage } from './ports.ts';

/**
 * A part of an EHR's records that it cannot show, because a record there lacks something. It is a
 * stretch of `_lastUpdated`, of one patient if that is known. Without `to` it has no end: rows that
 * come there later cannot be shown either. `patientsUnread`: it was left open while Patients were
 * still being read.
 */
export type Hole = {
  id: string;
  type: string;
  from?: string;
  to?: string;
  patient?: string;
  patientsUnread?: boolean;
  element?: string;
  says?: string;
};

export type AroundPage = Omit<WindowPage, 'invalid'> & {
  invalid: readonly (WindowPage['invalid'][number] & {
    facts?: Readonly<Record<string, string>>;
  })[];
  /** Ids of holes whose records the EHR can show now. */
  filled?: readonly string[];
};

/** The reason with which a hole is quarantined. */
export const holeReason = 'ehr-cannot-show';

/** A window that could not be read, and the error. */
export type Bad = { window: PullWindow; error: unknown };

/** Lists the parts of a window between its holes, in order of time. */
export function partsBetween(window: PullWindow, holes: readonly Hole[]): PullWindow[] {
  const startOf = (hole: Hole) =>
    hole.from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(hole.from);
  const parts: PullWindow[] = [];
  let from: Date | undefined = window.from;
  for (const hole of [...holes].sort((a, b) => startOf(a) - startOf(b))) {
    const [begins, ends] = [
      startOf(hole),
      hole.to === undefined ? Number.POSITIVE_INFINITY : Date.parse(hole.to),
    ];
    if (begins >= window.to.getTime() || ends <= (from?.getTime() ?? Number.NEGATIVE_INFINITY))
      continue;
    if (begins > (from?.getTime() ?? Number.NEGATIVE_INFINITY))
      parts.push({ ...window, from, to: new Date(begins), bounded: true });
    if (ends >= window.to.getTime()) return parts;
    from = new Date(ends);
  }
  // The rows that were left before were counted over the whole rest.
  const { resumed, ...rest } = window;
  return [
    ...parts,
    {
      ...rest,
      from,
      ...withoutUndefined({
        resumed: resumed && from === window.from && parts.length === 0 ? resumed : undefined,
      }),
    },
  ];
}

/**
 * Makes the page that reports a hole as an invalid entry.
 *
 * @param more `isOpen`: the patient's whole type cannot be shown, now and later
 */
export function holePage(
  { window, error }: Bad,
  patient = window.patient,
  more: { isOpen?: boolean; patientsUnread?: boolean } = {},
): AroundPage {
  const { isOpen = false, patientsUnread = false } = more;
  const { facts } = errorRecord(error);
  const from = window.from?.toISOString();
  const to = isOpen ? undefined : window.to.toISOString();
  const names = [window.type, patient ?? '', ...(isOpen ? [] : [from ?? '', to ?? ''])];
  const hole: Hole = {
    id: `hole-${fingerprint(names.join(' ')).slice(0, 12)}`,
    type: window.type,
    ...withoutUndefined({
      from,
      to,
      patient,
      patientsUnread: patientsUnread || undefined,
      element: typeof facts.element === 'string' ? facts.element : undefined,
      says: typeof facts.says === 'string' ? facts.says : undefined,
    }),
  };
  const { id: _id, type: _type, patientsUnread: _unread, ...holeFacts } = hole;
  return { resources: [], invalid: [{ reason: holeReason, entry: hole, facts: holeFacts }] };
}
