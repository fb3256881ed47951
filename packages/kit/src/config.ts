import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { AppError } from './errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Parses the environment once, in `main.ts`. Every bad variable is listed at once by name and rule;
 * no value is printed.
 *
 * @param fromFiles names that may also come from the file that `NAME_FILE` names: how container
 *   platforms hand out secrets
 * @throws AppError CONFIG_INVALID whose message lists the variables
 */
export function readConfig<S extends z.ZodType>(
  schema: S,
  env: Environment,
  fromFiles: readonly string[] = [],
): z.output<S> {
  const { read, problems } = withFiles(env, fromFiles);
  const parsed = schema.safeParse(read);
  if (parsed.success && problems.length === 0) return parsed.data;
  const unread = new Set(problems.map((problem) => problem.name));
  for (const issue of parsed.success ? [] : parsed.error.issues) {
    const name = issue.path.join('.') || 'environment';
    const isMissing = issue.code === 'invalid_type' && read[name] === undefined;
    if (!unread.has(name)) problems.push({ name, rule: isMissing ? 'is missing' : issue.message });
  }
  const list = problems.map(({ name, rule }) => `${name}: ${rule}`).join('; ');
  throw new AppError('CONFIG_INVALID', `Configuration is not usable: ${list}`);
}

/**
 * Reads the environment without empty variables, and takes secrets from the files that `NAME_FILE`
 * names.
 */
function withFiles(
  env: Environment,
  names: readonly string[],
): { read: Record<string, string | undefined>; problems: { name: string; rule: string }[] } {
  // An empty variable is what `X=` in a file of settings leaves behind: nothing was given.
  const read: Record<string, string | undefined> = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== ''),
  );
  const problems: { name: string; rule: string }[] = [];
  for (const name of names) {
    const file = read[`${name}_FILE`];
    if (file === undefined) continue;
    if (read[name] !== undefined)
      problems.push({ name, rule: `give it or ${name}_FILE, not both` });
    try {
      read[name] = readFileSync(file, 'utf8').trim();
    } catch {
      problems.push({ name, rule: `the file that ${name}_FILE names cannot be read` });
    }
  }
  return { read, problems };
}
