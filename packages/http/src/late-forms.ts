import { AppError } from '@loopwell/kit';
import type { Request, Response } from 'express';
import { readBody } from './body.ts';
import { plainPage } from './html/plain-page.ts';
import { cookieOf, isSameOrigin } from './principal.ts';
import type { Pairs } from './request-text.ts';

/** A form as it was sent: its address and its fields. */
export type SentForm = { path: string; fields: Pairs };

/** A form that is kept for its sender. */
export type KeptForm = { id: string; keptAt: Date; expiresAt: Date };

/**
 * Keeps forms that arrive after the session of their sender has locked. A form is offered again to
 * the same person alone.
 */
export type LateForms = {
  /** @returns whether the secret is that of a session that has locked, and the form is kept */
  keep: (session: string, form: SentForm) => Promise<boolean>;
  /** Lists what is kept for a person, the earliest first. */
  list: (principal: string) => Promise<readonly KeptForm[]>;
  /** Gives a form to its sender. It is not kept any more after that. */
  take: (principal: string, id: string) => Promise<SentForm | undefined>;
};

/** The form of signing out is the only one that nobody needs again. */
const isWorthKeeping = ({ path, method }: Request): boolean =>
  method === 'POST' && path !== '/sign-out' && !path.startsWith('/kept-form');

const sentence =
  'This page had locked, so nothing was recorded. What you typed is kept for 15 minutes, for you ' +
  'alone. Sign in again with a new link, and it is offered to you';

/**
 * Answers a form of somebody whose session has locked: the form is kept, and the page says so.
 * Every other refusal is thrown on.
 */
export async function answerLateForm(
  lateForms: LateForms | undefined,
  refusal: unknown,
  request: Request,
  response: Response,
): Promise<void> {
  const isSignedOut = refusal instanceof AppError && refusal.code === 'UNAUTHENTICATED';
  const secret = cookieOf(request);
  if (!lateForms || !isSignedOut || secret === '' || !isWorthKeeping(request)) throw refusal;
  if (!isSameOrigin(request)) throw refusal;
  await readBody(request, response, 'page');
  const form = { path: request.originalUrl, fields: request.body as Pairs };
  if (!(await lateForms.keep(secret, form))) throw refusal;
  response.status(401).type('html').send(plainPage(sentence));
}
