import { AppError } from '@loopwell/kit';
import {
  addressRule,
  gatewayRule,
  isMailAddress,
  isTextNumber,
  type MailSettings,
  mailUrlRule,
  numberRule,
  readGateway,
  readMailUrl,
  type TextSettings,
} from '@loopwell/messages';
import { z } from 'zod';

/** The variables of the mail server, for services that send mail. */
export const mailFields = {
  /** The mail server, with the password where it wants one. */
  SMTP_URL: z
    .string()
    .refine((text) => readMailUrl(text) !== undefined, mailUrlRule)
    .optional(),
  /** The address that mail comes from. */
  MAIL_FROM: z.string().refine(isMailAddress, addressRule).optional(),
};

/** The variable of what brings back mail that did not arrive. */
export const bounceFields = {
  /** The bearer of `/messages/bounces`; without it nothing is taken there. */
  MAIL_BOUNCE_SECRET: z.string().min(16).optional(),
};

/** The variables of the text gateway, for services that send texts. */
export const textFields = {
  /** The kind and the address of the text gateway, with account and secret. */
  TEXT_GATEWAY: z
    .string()
    .refine((text) => readGateway(text) !== undefined, gatewayRule)
    .optional(),
  /** The number that texts come from. */
  TEXT_FROM: z.string().refine(isTextNumber, numberRule).optional(),
  /** The public key of a gateway that signs with one. */
  TEXT_SIGNING_KEY: z.string().min(16).optional(),
};

/**
 * Returns the mail server that the environment names.
 *
 * @throws AppError CONFIG_INVALID where the address is missing that mail comes from
 */
export function mailOf({
  SMTP_URL: url,
  MAIL_FROM: from,
}: z.output<z.ZodObject<typeof mailFields>>): MailSettings | undefined {
  if (url === undefined) return undefined;
  if (from === undefined)
    throw new AppError('CONFIG_INVALID', 'MAIL_FROM is missing: mail over SMTP_URL comes from it');
  return { url, from };
}

/**
 * Returns the text gateway that the environment names.
 *
 * @throws AppError CONFIG_INVALID where the number is missing that texts come from
 */
export function textsOf({
  TEXT_GATEWAY: address,
  TEXT_FROM: from,
  TEXT_SIGNING_KEY: signingKey,
}: z.output<z.ZodObject<typeof textFields>>): TextSettings | undefined {
  const gateway = address === undefined ? undefined : readGateway(address);
  if (gateway === undefined) return undefined;
  if (from === undefined)
    throw new AppError(
      'CONFIG_INVALID',
      'TEXT_FROM is missing: texts over TEXT_GATEWAY come from it',
    );
  return { ...gateway, from, signingKey };
}
