/**
 * Counts what failed within a time, for so many keys at most: the oldest is forgotten for a new
 * one, so that nobody fills the memory by asking in many names.
 * DECISIONS D111.
 */
export function countFailures({
  windowMs,
  mostKeys,
  now = Date.now,
}: {
  windowMs: number;
  mostKeys: number;
  now?: () => number;
}) {
  const counts = new Map<string, { count: number; until: number }>();
  const alive = (key: string) => {
    const counted = counts.get(key);
    return counted && counted.until > now() ? counted : undefined;
  };
  return {
    of: (key: string): number => alive(key)?.count ?? 0,
    /** @returns how many there are now */
    add(key: string): number {
      const { count, until } = alive(key) ?? { count: 0, until: now() + windowMs };
      counts.delete(key);
      counts.set(key, { count: count + 1, until });
      const [oldest] = counts.keys();
      if (counts.size > mostKeys && oldest !== undefined) counts.delete(oldest);
      return count + 1;
    },
    size: (): number => counts.size,
  };
}
