import type { OptionDefinition } from './definition.ts';
import { parseMailAddress, parseMailServer } from './option-parsers.ts';

/** The options for telling people on duty. */
export const messageOptions: readonly OptionDefinition[] = [
  {
    flags: '--smtp-url <url>',
    description:
      'mail server by which people on duty are told, such as smtp://mail.clinic.org:587; give ' +
      'one with a password as SMTP_URL only',
    variable: 'SMTP_URL',
    parse: parseMailServer,
  },
  {
    flags: '--mail-from <address>',
    description: 'address that mail comes from; needed with --smtp-url',
    variable: 'MAIL_FROM',
    parse: parseMailAddress,
  },
];
