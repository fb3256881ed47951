/** Facts in JSON, without undefined. */
type StoredFacts = Record<string, string | number | boolean | null>;

/** Parses the stored facts of a failure. */
export const factsOf = (text: string | null): StoredFacts =>
  text === null ? {} : (JSON.parse(text) as StoredFacts);

/** Returns the facts of a failure in one line: `status: 422`. */
export function factsText(text: string | null): string {
  const facts = Object.entries(factsOf(text)).filter(([, fact]) => fact !== null);
  return facts.map(([name, fact]) => `${name}: ${fact}`).join(', ');
}
