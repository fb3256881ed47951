import { AppError } from '@loopwell/kit';
import { z } from 'zod';
import type { Environment } from '../command-line/environment.ts';
import type { RunOptions } from './options.ts';

/**
 * Adds the switches of `run` and `load` that the environment sets. A variable can also be `false`,
 * which an option without a value cannot be.
 * @throws AppError REQUEST_INVALID naming the variable
 */
export function withSite(
  options: RunOptions,
  { CONTACT_FROM_CHART: contact }: Pick<Environment, 'CONTACT_FROM_CHART'>,
): RunOptions {
  if (!contact) return options;
  const parsed = z.stringbool().safeParse(contact);
  if (!parsed.success)
    throw new AppError('REQUEST_INVALID', 'CONTACT_FROM_CHART takes true or false');
  return { ...options, contactFromChart: options.contactFromChart ?? parsed.data };
}

/**
 * Checks rules about several options at once.
 *
 * @throws AppError REQUEST_INVALID, which is wrong usage (exit status 2)
 */
export function checkTogether(options: RunOptions): void {
  const wrong = (message: string) => new AppError('REQUEST_INVALID', message);
  if (Boolean(options.ehrClientId) !== Boolean(options.ehrKey))
    throw wrong('--ehr-client-id and --ehr-key belong together');
  if (options.ehrTokenFile && options.ehrClientId)
    throw wrong('Give either --ehr-token-file or --ehr-client-id, not both');
  if ((options.ehrKid || options.ehrTokenUrl) && !options.ehrClientId)
    throw wrong('--ehr-kid and --ehr-token-url are for --ehr-client-id');
  if (options.smtpUrl && !options.mailFrom)
    throw wrong('--smtp-url needs --mail-from, the address that mail comes from');
  if (options.textGateway && !options.textFrom)
    throw wrong('--text-gateway needs --text-from, the number that texts come from');
  if (options.partnerTokens && !options.partners) throw wrong('--partner-tokens needs --partners');
}
