import type { App, Pages, Principal, Response } from '@loopwell/http';
import type { Typed } from '../decide/form-data.ts';
import type { ReviewDeps } from '../reviewer.ts';
import type { ReviewTexts } from '../texts/en.ts';
import type { Feedback } from './parts.ts';

/** Shows a list of people again after its form; false where the address is none of a list. */
export type ShowsList = (
  response: Response,
  principal: Principal,
  back: string,
  again: Feedback & { typed?: Typed },
) => Promise<boolean>;

/** Adds the lists of people. The function that it gives shows one of them again. */
export type AddLists = (
  app: App,
  deps: ReviewDeps,
  pages: Pages<ReviewTexts>,
  readDone: (principal: Principal, query: Readonly<Record<string, unknown>>) => Promise<Feedback>,
) => ShowsList;
