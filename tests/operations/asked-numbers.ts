/** Labels that Prometheus adds to each series by itself. */
const added = ['instance', 'job', 'le'];

/** Numbers of a process by name, with the labels that they carry. */
function printedNumbers(metrics: string): Map<string, Set<string>> {
  const numbers = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of metrics.matchAll(/^([a-z_]+)(?:\{([^}]*)\})? \S+$/gm)) {
    const labelNames = numbers.get(name) ?? new Set(added);
    for (const [, label = ''] of labels.matchAll(/([a-z_]+)="/g)) labelNames.add(label);
    numbers.set(name, labelNames);
  }
  return numbers;
}

/**
 * What alert rules ask for and `/metrics` does not print: numbers, and labels by which they are
 * chosen or summed. A rule on such a number never fires, and nobody notices.
 *
 * @param rules the text of a rules file
 * @param metrics what was scraped
 */
export function unknownNumbers(rules: string, metrics: string): string[] {
  const printed = printedNumbers(metrics);
  const unknown = new Set<string>();
  for (const [, by = '', name = '', matchers = ''] of rules.matchAll(
    /(?:by \(([^)]*)\) \((?:\w+\()?)?\b(loopwell_[a-z_]+)(?:\{([^}]*)\})?/g,
  )) {
    const labels = printed.get(name);
    if (!labels) unknown.add(name);
    const asked = [
      ...by.split(','),
      ...[...matchers.matchAll(/([a-z_]+)(?:=|!)/g)].map(([, label = '']) => label),
    ];
    for (const label of asked.map((one) => one.trim()).filter(Boolean)) {
      if (labels && !labels.has(label)) unknown.add(`${name}{${label}}`);
    }
  }
  return [...unknown].sort();
}
