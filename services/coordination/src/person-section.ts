import { type Html, html, notice, type Principal } from '@loopwell/http';
import type { AppError } from '@loopwell/kit';
import type { Tx } from '@loopwell/store';
import type { PersonSubject } from './find-subject.ts';
import type { ReviewDeps } from './reviewer.ts';
import type { ReviewTexts } from './texts/en.ts';

/** What a section may ask for beside the person. */
export type SectionContext = {
  deps: ReviewDeps;
  principal: Principal;
  /** The parameters of the address. */
  query: Readonly<Record<string, unknown>>;
  /** What came of a form of the page that could not be recorded. */
  feedback?: SectionFeedback | undefined;
};

/** A form of a section that could not be recorded: why, and what was typed by field. */
export type SectionFeedback = {
  section: string;
  problem: AppError;
  typed: Readonly<Record<string, string>>;
};

/** Says what came of a form of a section, where the browser begins to read. */
export function sectionNotice(
  { isDone, problem }: { isDone: boolean; problem: AppError | undefined },
  words: { done: string; wrong: string },
): Html | undefined {
  if (problem === undefined && !isDone) return undefined;
  const message =
    problem === undefined ? notice('done', words.done) : notice('problem', words.wrong);
  return html`<div tabindex="-1" autofocus>${message}</div>`;
}

/**
 * One part of the page of a person. It reads what it shows in the page's transaction, and gives a
 * function that renders it; undefined where it has nothing to show.
 */
export type PersonSection = {
  /** The id of the section in the page, by which links and forms lead back to it. */
  name: string;
  read: (
    tx: Tx,
    subject: PersonSubject,
    context: SectionContext,
  ) => Promise<RenderSection | undefined>;
};

/** Renders a section in the reader's language, with its heading. */
export type RenderSection = (texts: ReviewTexts) => Html;

/** The texts of a form; a field that is sent more than once is a list. */
export type SentForm = Readonly<Record<string, string | readonly string[]>>;

/** A form of the page of a person. */
export type PersonForm = {
  path: string;
  /** The section that the form is in, which shows what came of it. */
  section: string;
  act: (form: SentForm, principal: Principal, params: Record<string, string>) => Promise<unknown>;
};
