/**
 * Creates a counter of failures within a time window. It holds at most `mostKeys` keys and forgets
 * the oldest for a new one, so that requests under many names do not fill the memory.
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
    /**
     * Adds a failure of a key.
     * @returns the number of its failures now
     */
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
