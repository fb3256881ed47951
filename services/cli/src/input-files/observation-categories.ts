import { asksKnown, mayBeAnswer } from '@loopwell/enrichment';
import { systems } from '@loopwell/fhir';

/** Observations of files that are in no category that EHRs are asked for: served all the same, left, or of something else. */
export type Uncategorized = { kept: number; left: number; elsewhere: number };

/**
 * An Observation of no category that is asked for would not be read. One with a question of a screening is served as survey,
 * too, so that no answer is lost; of the others, whoever gave the file should know.
 */
export async function* categorized<R extends { resourceType?: unknown }>(
  resources: AsyncIterable<R>,
  count: Uncategorized,
): AsyncGenerator<R> {
  for await (const one of resources) {
    const { category } = one as { category?: unknown };
    if (one.resourceType !== 'Observation' || isAskedFor(category)) yield one;
    else if (!asksKnown(one)) {
      if (!hasCategory(category)) count.left += 1;
      yield one;
    } else if (!mayBeAnswer(one)) {
      count.elsewhere += 1;
      yield one;
    } else {
      count.kept += 1;
      yield Object.assign({}, one, {
        category: [...(Array.isArray(category) ? category : []), survey],
      });
    }
  }
}

const asked: ReadonlySet<unknown> = new Set(['survey', 'social-history', 'sdoh']);

/** What is no list may be one of these: the EHR is asked, and its answer looked at. */
function isAskedFor(category: unknown): boolean {
  if (!hasCategory(category)) return false;
  if (!Array.isArray(category)) return true;
  return category.some((one: { coding?: unknown } | null) => {
    const codings: unknown = one?.coding;
    return (
      Array.isArray(codings) &&
      codings.some((coding: { code?: unknown } | null) => asked.has(coding?.code))
    );
  });
}

const survey = { coding: [{ system: systems.observationCategory, code: 'survey' }] };

function hasCategory(category: unknown): boolean {
  return (
    category !== undefined &&
    category !== null &&
    !(Array.isArray(category) && category.length === 0)
  );
}
