import type { Clock } from '@loopwell/kit';

/** A report and when it was read. DECISIONS D31. */
export type Kept<Report> = { at: Date; report: Report };

type Place<Report> = { kept?: Kept<Report>; running?: Promise<Kept<Report>> };

/** So many times as old as it may be, a report is not shown any more while another is read. */
const outdated = 20;

/**
 * A report that takes seconds is read once for everybody who asks at that time, and kept with its
 * time. What is kept is answered at once; where it is older than `maxAgeMs`, another is read
 * meanwhile, in the background. Only who asks first waits, and who asks when nobody has for long
 * (`outdated`).
 *
 * @param read a report of one tenant
 * @param maxAgeMs `anew`: nothing is kept, and only who asks while one is being read shares it
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
    // What fails in the background is tried again by whoever asks next, who is shown what is kept
    // and its time.
    if (ageMs > maxAgeMs) renew(tenant, place).catch(() => {});
    return kept;
  };
}
