import type { OptionDefinition } from './definition.ts';
import {
  parseMailAddress,
  parseMailServer,
  parseTextGateway,
  parseTextNumber,
} from './option-parsers.ts';

/** The options for telling people on duty and partners. */
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
  {
    flags: '--text-gateway <url>',
    description:
      'text gateway by which partners are told, such as plain+http://a:b@127.0.0.1:9000/send; ' +
      'give one with a real secret as TEXT_GATEWAY only',
    variable: 'TEXT_GATEWAY',
    parse: parseTextGateway,
  },
  {
    flags: '--text-from <number>',
    description: 'number that texts come from; needed with --text-gateway',
    variable: 'TEXT_FROM',
    parse: parseTextNumber,
  },
];
