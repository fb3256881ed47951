/** An alert in a round: how many rounds told somebody of it before. */
export type AlertInRound = { id: string; rounds: number };

/**
 * Returns which alerts each person on duty is told of in a round, by their place in the list. The
 * first person is told at once. Each later round tells the same people again and the next name,
 * until somebody takes the alert.
 */
export function alertsByPlace(
  alerts: readonly AlertInRound[],
  people: number,
): Map<number, string[]> {
  const byPlace = new Map<number, string[]>();
  for (const { id, rounds } of alerts) {
    const last = Math.min(rounds, people - 1);
    for (let place = 0; place <= last; place += 1)
      byPlace.set(place, [...(byPlace.get(place) ?? []), id]);
  }
  return byPlace;
}

/**
 * Returns whom else to tell at once, because nobody who was told of these alerts could be reached:
 * the next name behind the last that was tried.
 */
export function nextPlaces(
  unreached: readonly string[],
  lastTried: ReadonlyMap<string, number>,
  people: number,
): Map<number, string[]> {
  const byPlace = new Map<number, string[]>();
  for (const id of unreached) {
    const place = (lastTried.get(id) ?? -1) + 1;
    if (place < people) byPlace.set(place, [...(byPlace.get(place) ?? []), id]);
  }
  return byPlace;
}
