import { addressOf, type Html, tabs } from '@loopwell/http';
import type { ConsoleTexts } from '../texts/en.ts';

/** One page of a list that can be narrowed to one reason. */
export type ReasonList = {
  reasons: readonly { name: string; count: number }[];
  /** The chosen reason; undefined shows all. */
  code: string | undefined;
  /** Cursor of the next page. */
  next: string | undefined;
  pageSize: number;
};

/** Renders the reasons with their counts as links; returns undefined when the list is empty. */
export function reasonTabs(
  path: string,
  view: ReasonList,
  { list }: ConsoleTexts,
): Html | undefined {
  if (view.reasons.length === 0) return undefined;
  const all = { href: path, label: list.all, isCurrent: view.code === undefined };
  const each = view.reasons.map(({ name, count }) => ({
    href: addressOf(path, { code: name }),
    label: list.reasonCount(name, count),
    isCurrent: view.code === name,
  }));
  return tabs(list.reasons, [all, ...each]);
}

/** Returns the link to the next page of the same reason, if there is one. */
export const nextPage = (path: string, view: ReasonList, { list }: ConsoleTexts) =>
  view.next === undefined
    ? undefined
    : {
        href: addressOf(path, { code: view.code, after: view.next }),
        label: list.nextPage(view.pageSize),
      };
