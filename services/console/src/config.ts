import { parseProxies, proxiesRule } from '@loopwell/http';
import { timeZoneProblem } from '@loopwell/kit';
import { z } from 'zod';

/** Variables that may come from a file, as `NAME_FILE`. */
export const secretFiles = ['DATABASE_URL', 'QUEUE_URL'] as const;

const timeZone = z.string().refine((text) => timeZoneProblem(text) === undefined, {
  error: ({ input }) => timeZoneProblem(String(input)),
});

/** Environment of the console. */
export const ConsoleConfig = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address'),
  DATABASE_POOL: z.coerce.number().int().min(2).max(100).default(5),
  QUEUE_URL: z
    .string()
    .regex(/^(rediss?|postgres(ql)?):\/\//, 'must be a redis://, rediss:// or postgres:// address'),
  LOOPWELL_HOST: z.string().default('127.0.0.1'),
  LOOPWELL_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  LOOPWELL_TENANT: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,64}$/, 'must be an id')
    .default('default'),
  /** What LOOPWELL_TENANT was called before. */
  LOOPWELL_ORGANISATION: z.undefined({ error: 'is called LOOPWELL_TENANT now' }).optional(),
  CONSOLE_PORT: z.coerce.number().int().min(0).max(65_535).default(8084),
  /** The site's time zone, by its IANA name: in it pages write times, and "today" is. The machine's when left out. */
  TIME_ZONE: timeZone.optional(),
  /** With an https address, the session's cookie goes nowhere else. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Reverse proxies in front of us, whose X-Forwarded-For is believed; nobody's when left out. */
  TRUSTED_PROXIES: z
    .string()
    .default('')
    .refine((text) => parseProxies(text) !== undefined, proxiesRule)
    .transform((text) => parseProxies(text) ?? []),
});

export type ConsoleEnvironment = z.output<typeof ConsoleConfig>;
