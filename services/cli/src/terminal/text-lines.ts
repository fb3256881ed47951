/** Returns a titled list below an empty line; an empty list when there are no lines. */
export function titledList(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ['', title, ...lines.map((line) => `- ${line}`)];
}

/** Returns a number with its noun: `1 referral`, `3 referrals`. */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`;
}
