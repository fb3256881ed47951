import { z } from 'zod';
import { AppError } from './errors.ts';

/**
 * Parses the environment once, in `main.ts`. Every bad variable is listed at once by name and rule; no value is printed.
 *
 * @throws AppError CONFIG_INVALID whose message lists the variables
 */
export function readConfig<S extends z.ZodType>(schema: S, env: Readonly<Record<string, string | undefined>>): z.output<S> {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'environment'}: ${issue.message}`);
  throw new AppError('CONFIG_INVALID', `Configuration is not usable: ${problems.join('; ')}`);
}
