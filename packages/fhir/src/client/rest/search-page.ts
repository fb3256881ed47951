import { AppError } from '@loopwell/kit';
import { withBundleModifiers } from '../../bundle-modifiers.ts';
import { withoutUndefined } from '../../defined.ts';
import { keepEarlier, pathText, type RepeatedMember, repeatedMembers } from '../../json-text.ts';
import { withBundleLabels } from '../../labels.ts';
import { brokenRule } from '../../shape/index.ts';
import type * as fhir4 from '../../types.ts';
import { lockoutOf, saidIn } from '../refusals/lockout.ts';
import { isFailure, issueCodeOf, issueWordsOf } from '../refusals/outcomes.ts';
import { plainWords } from '../refusals/plain-words.ts';
import { cannotShow, contentOf } from '../refusals/refused.ts';

/**
 * An entry that is no resource, or whose resource says something twice: then `resource` holds both,
 * and `element` names it.
 */
export type InvalidEntry = {
  reason: string;
  entry: unknown;
  resource?: unknown;
  element?: string;
  /** Facts about the entry for operators. */
  facts?: Readonly<Record<string, string>>;
};

/**
 * One page of a searchset. Entries that are no resources are handed over with their reason, never
 * thrown away.
 */
export type SearchPage = {
  resources: (fhir4.Resource & { id?: string })[];
  invalid: InvalidEntry[];
  /** Rows that are counted and not listed one by one. */
  unlisted?: number;
  outcomes: fhir4.OperationOutcome[];
  nextUrl?: string;
  selfUrl?: string;
  total?: number;
};

/**
 * The address that was asked, and when. `now`: a server that locks us out may say until which
 * instant.
 */
type PageContext = { base: string; url: string; now: Date };

/**
 * Reads a page and distrusts it: a searchset Bundle is demanded; one that holds only an
 * OperationOutcome, or a failed entry inside a 200, is an error and not "nothing new".
 */
export function searchPageOf(answer: { body: unknown }, context: PageContext): SearchPage {
  const bundle = answer.body as Partial<fhir4.Bundle> | undefined;
  if (bundle?.resourceType !== 'Bundle')
    throw invalid('The search was not answered by a Bundle', typeOf(bundle?.resourceType));
  if (bundle.entry !== undefined && !Array.isArray(bundle.entry))
    throw invalid('The entries of a search are no list', typeof bundle.entry);
  const entries: unknown[] = bundle.entry ?? [];
  const page: SearchPage = { resources: [], invalid: [], outcomes: [] };
  const repeated = repeatedByEntry(bundle);
  for (const [index, pageEntry] of entries.entries())
    readEntry(pageEntry, bundle, page, repeated.get(index) ?? []);
  sayUnlisted(page);
  // A label of the page is a label of every resource on it.
  page.resources = page.resources.map((one) => withBundleLabels(one, bundle));
  const failed = page.outcomes.find((one) => isFailure(one, page.resources.length > 0));
  if (failed) throw failedSearch(failed, context.now);
  const next = linkOf(bundle, 'next');
  const self = linkOf(bundle, 'self');
  return {
    ...page,
    ...withoutUndefined({
      nextUrl: next ? absolute(next, context) : undefined,
      selfUrl: self ? absolute(self, context) : undefined,
      total: typeof bundle.total === 'number' ? bundle.total : undefined,
    }),
  };
}

/**
 * Groups members that came twice by the entry that holds them.
 *
 * @throws AppError REMOTE_INVALID where the page itself holds them: a list of entries or a next
 * link would be lost in silence
 */
function repeatedByEntry(bundle: object): ReadonlyMap<unknown, RepeatedMember[]> {
  const repeated = repeatedMembers(bundle);
  if (repeated.some(({ path }) => path[0] !== 'entry' || path.length < 2))
    throw new AppError('REMOTE_INVALID', 'A page of a search says something twice', {
      facts: { type: 'Bundle' },
    });
  return Map.groupBy(repeated, ({ path }) => path[1]);
}

/**
 * Returns an entry with both values of its repeated members, so that a person who looks sees both.
 */
function repeatedEntry(pageEntry: object, repeated: readonly RepeatedMember[]): InvalidEntry {
  const inEntry = repeated.map((one) => ({ ...one, path: one.path.slice(2) }));
  const both = keepEarlier(pageEntry, inEntry) as { resource?: unknown };
  const { resource } = pageEntry as { resource?: { resourceType?: unknown } };
  const [{ path, key } = { path: [], key: '' }] = inEntry;
  const steps =
    path[0] === 'resource'
      ? [typeOf(resource?.resourceType), ...path.slice(1), key]
      : ['Bundle.entry', ...path, key];
  const element = pathText(steps);
  return {
    reason: 'repeated-member',
    entry: both,
    resource: both.resource,
    element: /^[\w.[\]]{1,200}$/.test(element) ? element : 'an element',
  };
}

/**
 * Reads a page for a caller with a request policy. "Not now" in a page that came through throws at
 * once, as a refusal would. Any other error throws when the page is taken, since asking again is
 * for the caller then.
 */
export function pageIn(answer: { body: unknown }, context: PageContext): () => SearchPage {
  try {
    const page = searchPageOf(answer, context);
    return () => page;
  } catch (error) {
    if (error instanceof AppError && error.facts.lockedOut === true) throw error;
    return () => {
      throw error;
    };
  }
}

/**
 * Turns an OperationOutcome in place of results, or beside some, into an error: a lock-out, a
 * record that cannot be shown, or anything else.
 */
function failedSearch(outcome: fhir4.OperationOutcome, now: Date): AppError {
  const issueCode = issueCodeOf(outcome);
  const facts = { interaction: 'search', issueCode, says: plainWords(issueWordsOf(outcome)) };
  const lockout = lockoutOf(
    { status: 200, headers: new Headers(), issueCode, words: saidIn(outcome) },
    now,
  );
  const content = contentOf(outcome);
  if (content && !lockout) return cannotShow({ ...facts, element: content.element });
  return new AppError(
    'REMOTE_UNAVAILABLE',
    'The search answered with an error instead of results',
    {
      facts: {
        ...facts,
        ...withoutUndefined({
          lockedOut: lockout ? true : undefined,
          retryAfterMs: lockout ? lockout.askedMs : undefined,
        }),
      },
    },
  );
}

function readEntry(
  pageEntry: unknown,
  bundle: object,
  page: SearchPage,
  repeated: readonly RepeatedMember[],
): void {
  if (typeof pageEntry !== 'object' || pageEntry === null) {
    leaveOut(page, { reason: 'unreadable-entry', entry: pageEntry });
    return;
  }
  const { resource, response, search } = pageEntry as {
    resource?: unknown;
    response?: { status?: string };
    search?: { mode?: unknown } | null;
  };
  // Included resources are skipped: none were asked for, and each comes by its own search.
  if (search?.mode === 'include') return;
  const status = Number.parseInt(response?.status ?? '200', 10);
  if (status >= 400)
    throw new AppError('REMOTE_UNAVAILABLE', 'The search answered with a failed entry', {
      facts: { status },
    });
  if (repeated.length > 0) {
    page.invalid.push(repeatedEntry(pageEntry, repeated));
  } else if (brokenRule(resource, ['no-type'])) {
    leaveOut(page, { reason: 'entry-without-resource', entry: pageEntry });
  } else if ((resource as fhir4.Resource).resourceType === 'OperationOutcome') {
    page.outcomes.push(resource as fhir4.OperationOutcome);
  } else {
    page.resources.push(
      withBundleModifiers(
        resource as fhir4.Resource & { id?: string },
        pageEntry,
        (pageEntry as { search?: unknown }).search,
        bundle,
      ),
    );
  }
}

/** How many entries without a resource are listed one by one; more of them are counted. */
const listedAtMost = 100;

function leaveOut(page: SearchPage, invalidEntry: InvalidEntry): void {
  if (page.invalid.length < listedAtMost) page.invalid.push(invalidEntry);
  else page.unlisted = (page.unlisted ?? 0) + 1;
}

/** Adds one row for all entries that are not listed, with their number. */
function sayUnlisted(page: SearchPage): void {
  if (page.unlisted === undefined) return;
  const count = page.unlisted;
  page.invalid.push({
    reason: 'entries-without-resource',
    entry: { id: `and-${count}-more` },
    facts: { count: String(count) },
  });
  page.unlisted = count - 1;
}

/** Counts the rows of a page, of any kind. */
export const rowsOn = (page: Pick<SearchPage, 'resources' | 'invalid' | 'unlisted'>): number =>
  page.resources.length + page.invalid.length + (page.unlisted ?? 0);

/** Returns a resource type as an error may carry it; other words are replaced. */
function typeOf(type: unknown): string {
  if (type === undefined) return 'nothing';
  return typeof type === 'string' && /^[A-Z][A-Za-z]{1,40}$/.test(type) ? type : 'no type';
}

const invalid = (message: string, type: string) =>
  new AppError('REMOTE_INVALID', message, { facts: { type } });

function linkOf(bundle: Partial<fhir4.Bundle>, relation: string): string | undefined {
  if (bundle.link === undefined || bundle.link === null) return undefined;
  // A page whose links cannot be read may have a next one: to go on without it would lose rows in
  // silence.
  if (!Array.isArray(bundle.link))
    throw invalid('The links of a search are no list', typeof bundle.link);
  const url: unknown = (bundle.link as (fhir4.BundleLink | null)[]).find(
    (one) => one?.relation === relation,
  )?.url;
  if (url !== undefined && (typeof url !== 'string' || url === ''))
    throw invalid('A link of a search has no address', relation);
  return url as string | undefined;
}

/** Makes a link absolute: it may be relative to the base (RFC 3986) or to the search. */
function absolute(url: string, { base }: { base: string }): string {
  if (/^https?:/i.test(url)) return url;
  if (url.startsWith('?')) return `${base}${url}`;
  if (!URL.canParse(url, `${base}/`)) throw invalid('A link of a search has no address', 'url');
  return new URL(url, `${base}/`).href;
}

/**
 * Tells whether what is not on this page is not there: the server shows that it applied the
 * parameter, or gave all that it has of this type whatever it applied. A server that shows neither
 * may have looked for something else.
 */
export function tellsAll(page: SearchPage, parameter: string): boolean {
  if (page.nextUrl !== undefined) return false;
  return wasApplied(page, parameter) || page.total === rowsOn(page);
}

/** Tells whether the server shows in its self link that it applied a search parameter. */
export function wasApplied(page: SearchPage, parameter: string): boolean {
  if (page.selfUrl === undefined || !URL.canParse(page.selfUrl)) return false;
  return [...new URL(page.selfUrl).searchParams.keys()].some(
    (key) => key.split(':')[0] === parameter,
  );
}
