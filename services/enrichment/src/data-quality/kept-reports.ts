import type { Clock } from '@loopwell/kit';

/** A report and the time when it was read. DECISIONS D31. */
export type Kept<Report> = { at: Date; report: Report };

type Place<Report> = { kept?: Kept<Report>; running?: Promise<Kept<Report>> };

/** How many times `maxAgeMs` old a kept report may be to be shown while another is read. */
const outdated = 20;

/**
 * Makes a reader of slow reports that reads each once for all who ask at that time, and keeps it
 * with its time. A kept report is answered at once. If it is older than `maxAgeMs`, another is read
 * in the background. A caller waits only for the first report, or if the kept one is too old
 * (`outdated`).
 *
 * @param read a report of one tenant
 * @param maxAgeMs `anew`: nothing is kept, and only callers during one read share it
 */
export function keptReports<Report>(
  read: (tenant: string) => Promise<Report>,
  clock: Clock,
  maxAgeMs: number | 'anew' = 30_000,
) {
  const places = new Map<string, Place<Report>>();
  const renew = (tenant: string, place: Place<Report>): Promise<Kept<Report>> => {
    place.running ??= read(tenant)
      .then((report) => {
        place.kept = { at: clock.now(), report };
        return place.kept;
      })
      .finally(() => {
        delete place.running;
      });
    return place.running;
  };
  return async (tenant: string): Promise<Kept<Report>> => {
    const place = places.get(tenant) ?? {};
    places.set(tenant, place);
    const { kept } = place;
    if (!kept || maxAgeMs === 'anew') return renew(tenant, place);
    const ageMs = clock.now().getTime() - kept.at.getTime();
    if (ageMs > maxAgeMs * outdated) return renew(tenant, place);
    // If the background read fails, the next caller tries again and gets the kept report with its
    // time.
    if (ageMs > maxAgeMs) renew(tenant, place).catch(() => {});
    return kept;
  };
}
