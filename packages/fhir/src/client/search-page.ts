import { AppError } from '@loopwell/kit';
import type * as fhir4 from '../types.ts';

/** One page of a searchset. Entries that are no resources are handed over with their reason, never thrown away. */
export type SearchPage = {
  resources: (fhir4.Resource & { id?: string })[];
  invalid: { reason: string; entry: unknown }[];
  outcomes: fhir4.OperationOutcome[];
  nextUrl?: string;
  selfUrl?: string;
  total?: number;
};

/**
 * Reads a page and distrusts it: a searchset Bundle is demanded; one that holds only an OperationOutcome, or a failed
 * entry inside a 200, is an error and not "nothing new".
 */
export function searchPageOf(answer: { body: unknown }, context: { base: string; url: string }): SearchPage {
  const bundle = answer.body as Partial<fhir4.Bundle> | undefined;
  if (bundle?.resourceType !== 'Bundle') throw invalid('The search was not answered by a Bundle', String(bundle?.resourceType ?? 'nothing'));
  const entries: unknown[] = Array.isArray(bundle.entry) ? bundle.entry : [];
  const page: SearchPage = { resources: [], invalid: [], outcomes: [] };
  for (const entry of entries) readEntry(entry, page);
  const failed = page.outcomes.some((one) => (one.issue ?? []).some((issue) => issue.severity === 'error' || issue.severity === 'fatal'));
  if (failed) throw new AppError('REMOTE_UNAVAILABLE', 'The search answered with an error instead of results');
  const next = linkOf(bundle, 'next');
  const self = linkOf(bundle, 'self');
  return {
    ...page,
    ...(next ? { nextUrl: absolute(next, context) } : {}),
    ...(self ? { selfUrl: absolute(self, context) } : {}),
    ...(typeof bundle.total === 'number' ? { total: bundle.total } : {}),
  };
}

function readEntry(entry: unknown, page: SearchPage): void {
  if (typeof entry !== 'object' || entry === null) {
    page.invalid.push({ reason: 'unreadable-entry', entry });
    return;
  }
  const { resource, response } = entry as { resource?: unknown; response?: { status?: string } };
  const status = Number.parseInt(response?.status ?? '200', 10);
  if (status >= 400) throw new AppError('REMOTE_UNAVAILABLE', 'The search answered with a failed entry', { facts: { status } });
  if (typeof resource !== 'object' || resource === null || typeof (resource as fhir4.Resource).resourceType !== 'string') {
    page.invalid.push({ reason: 'entry-without-resource', entry });
  } else if ((resource as fhir4.Resource).resourceType === 'OperationOutcome') {
    page.outcomes.push(resource as fhir4.OperationOutcome);
  } else {
    page.resources.push(resource as fhir4.Resource & { id?: string });
  }
}

const invalid = (message: string, type: string) => new AppError('REMOTE_INVALID', message, { facts: { type } });

const linkOf = (bundle: Partial<fhir4.Bundle>, relation: string) => bundle.link?.find((one) => one.relation === relation)?.url;

/** Links may be relative to the base (RFC 3986) or to the search. */
function absolute(url: string, { base }: { base: string }): string {
  if (/^https?:/.test(url)) return url;
  return url.startsWith('?') ? `${base}${url}` : new URL(url, `${base}/`).href;
}

/** True when the server shows in its self link that it applied a search parameter. */
export function wasApplied(page: SearchPage, parameter: string): boolean {
  if (page.selfUrl === undefined || !URL.canParse(page.selfUrl)) return false;
  return [...new URL(page.selfUrl).searchParams.keys()].some((key) => key.split(':')[0] === parameter);
}
