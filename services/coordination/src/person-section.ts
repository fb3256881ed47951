import type { Html, Principal } from '@loopwell/http';
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
};

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
