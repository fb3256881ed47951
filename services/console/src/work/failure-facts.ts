/** Facts as JSON holds them: no undefined. */
type StoredFacts = Record<string, string | number | boolean | null>;

/** The facts of a failure as they are stored. */
export const factsOf = (text: string | null): StoredFacts =>
  text === null ? {} : (JSON.parse(text) as StoredFacts);

/** The facts of a failure as a line: `status: 422`. */
export function factsText(text: string | null): string {
  const facts = Object.entries(factsOf(text)).filter(([, fact]) => fact !== null);
  return facts.map(([name, fact]) => `${name}: ${fact}`).join(', ');
}
