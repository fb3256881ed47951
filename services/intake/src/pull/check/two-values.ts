/** Questionnaires nest a few levels; this many are an attack or a mistake. */
const deepest = 120;

const choices = [/^value[A-Z]/, /^effective[A-Z]/];

/** Where two types of one `value[x]` or `effective[x]` stand beside each other (R4, choice of data types). */
export function twoValuesIn(resource: object, type: string): string | undefined {
  return within(resource as Record<string, unknown>, type, 0);
}

/** Lists in which answers stand. */
const lists = ['item', 'answer', 'component'] as const;

function within(holder: Record<string, unknown>, path: string, depth: number): string | undefined {
  const twice = choices.find(
    (choice) =>
      Object.keys(holder).filter((key) => choice.test(key) && holder[key] !== undefined).length > 1,
  );
  if (twice) return `${path}.${twice === choices[0] ? 'value' : 'effective'}[x]`;
  if (depth > deepest) return undefined;
  for (const name of lists) {
    const members = holder[name];
    if (!Array.isArray(members)) continue;
    for (const [index, member] of members.entries()) {
      if (typeof member !== 'object' || member === null) continue;
      const found = within(
        member as Record<string, unknown>,
        `${path}.${name}[${index}]`,
        depth + 1,
      );
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
