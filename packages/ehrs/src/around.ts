import { withoutUndefined } from '@loopwell/fhir';
import { type AroundDeps, attempt, budget, counted, Division, isBad } from './divide-window.ts';
import { type AroundPage, type Bad, type Hole, holePage, partsBetween } from './holes.ts';
import type { PullWindow } from './ports.ts';

/**
 * Reads a window although the server answers an error because of a bad record in it. The window is
 * halved, by time and then by patient, until the bad part is as small as possible, and the rest is
 * read. The hole that is left is quarantined with the element that the server named. Later windows
 * leave it out, and it is asked for again now and then.
 *
 * @throws AppError REMOTE_INVALID with the fact `byPatient` if the server does not divide by time:
 * patients are asked for one by one then
 */
export async function* readAround(
  deps: AroundDeps,
  window: PullWindow,
): AsyncGenerator<AroundPage, void> {
  const windowHoles = deps.holes.filter(
    (one) => one.type === window.type && one.patient === window.patient,
  );
  const others = deps.holes.filter(
    (one) => one.type === window.type && !windowHoles.includes(one) && window.patient === undefined,
  );
  const holes = [...windowHoles, ...others];
  for (const hole of holes.filter(deps.isDue)) yield* fill(deps, hole, window);
  for (const part of partsBetween(window, holes)) yield* readPart(deps, part);
}

/** Asks for a hole again. A record that was corrected or deleted there ends the hole. */
async function* fill(
  deps: AroundDeps,
  hole: Hole,
  window: PullWindow,
): AsyncGenerator<AroundPage, void> {
  const from = hole.from === undefined ? undefined : new Date(hole.from);
  const to = hole.to === undefined ? window.to : new Date(hole.to);
  const patient = hole.patient ?? window.patient;
  const bad = yield* attempt(deps, counted(deps.client, { left: budget }), {
    type: hole.type,
    from,
    to,
    bounded: hole.to !== undefined,
    ...withoutUndefined({ patient: patient || undefined }),
  });
  if (!bad) return yield { resources: [], invalid: [], filled: [hole.id] };
  // Patients may have become known since. The record may be of one of them.
  if (patient === undefined && hole.type !== 'Patient')
    yield* whoseHole(deps, hole, { ...bad, window: { ...bad.window, from, to } });
}

/**
 * Finds out which patients' records a hole has. The hole ends when they are known and the rows of
 * all other patients of that stretch were read.
 */
async function* whoseHole(
  deps: AroundDeps,
  hole: Hole,
  bad: Bad,
): AsyncGenerator<AroundPage, void> {
  const left = { left: budget };
  const whose = yield* new Division(deps, counted(deps.client, left), left).whose(bad);
  if (whose === 'known') yield { resources: [], invalid: [], filled: [hole.id] };
  else if (hole.patientsUnread && whose === 'open') yield holePage(bad);
}

/** Reads one part of a window, and divides the rest of it if the server fails at a bad record. */
async function* readPart(deps: AroundDeps, window: PullWindow): AsyncGenerator<AroundPage, void> {
  let { from } = window;
  try {
    for await (const page of deps.walk(deps.client, window)) {
      if (page.newest && (from === undefined || page.newest > from)) from = page.newest;
      yield page;
    }
  } catch (error) {
    if (!isBad(deps, error)) throw error;
    const left = { left: budget };
    yield* new Division(deps, counted(deps.client, left), left).of({
      window: { ...window, from },
      error,
    });
  }
}
