import { asksKnown, mayBeAnswer } from '@loopwell/enrichment';
import { systems } from '@loopwell/fhir';

/** Counts of Observations of files that are in no category that EHRs are asked for. */
export type UncategorizedCounts = {
  /** Observations that ask a screening question and are served as survey, too. */
  servedAsSurvey: number;
  /** Observations without a category and without a screening question. They will not be read. */
  withoutCategory: number;
  /** Observations that ask a screening question under another category. They will not be read. */
  inOtherCategory: number;
};

type Resource = { resourceType?: unknown; category?: unknown };

/**
 * Adds the category survey to Observations that ask a screening question and would not be read
 * otherwise, so that no answer is lost. It counts the others, for the person who gave the file.
 */
export async function* addSurveyCategory<R extends Resource>(
  resources: AsyncIterable<R>,
  counts: UncategorizedCounts,
): AsyncGenerator<R> {
  for await (const resource of resources) {
    const { resourceType, category } = resource;
    if (resourceType !== 'Observation' || isAskedFor(category)) yield resource;
    else if (!asksKnown(resource)) {
      if (!hasCategory(category)) counts.withoutCategory += 1;
      yield resource;
    } else if (!mayBeAnswer(resource)) {
      counts.inOtherCategory += 1;
      yield resource;
    } else {
      counts.servedAsSurvey += 1;
      const categories: unknown[] = Array.isArray(category) ? category : [];
      yield { ...resource, category: [...categories, survey] };
    }
  }
}

const survey = { coding: [{ system: systems.observationCategory, code: 'survey' }] };

const askedCategories: ReadonlySet<unknown> = new Set(['survey', 'social-history', 'sdoh']);

/**
 * Returns whether an Observation has a category that is asked for. A category that is not a list
 * may be one, so the EHR is asked and its answer is checked.
 */
function isAskedFor(category: unknown): boolean {
  if (!hasCategory(category)) return false;
  if (!Array.isArray(category)) return true;
  return category.some(hasAskedCoding);
}

function hasAskedCoding(concept: { coding?: unknown } | null): boolean {
  const codings: unknown = concept?.coding;
  if (!Array.isArray(codings)) return false;
  return codings.some((coding: { code?: unknown } | null) => askedCategories.has(coding?.code));
}

function hasCategory(category: unknown): boolean {
  if (category === undefined || category === null) return false;
  return !(Array.isArray(category) && category.length === 0);
}
