import { asksKnown, mayBeAnswer } from '@loopwell/enrichment';
import { systems } from '@loopwell/fhir';

/** Counts of Observations of files that are in no category that EHRs are asked for. */
export type UncategorizedCounts = {
  /** They ask a question of a screening, and are served as survey, too. */
  servedAsSurvey: number;
  /** They have no category and no question of a screening: they will not be read. */
  withoutCategory: number;
  /**
   * They ask a question of a screening under a category of something else: they will not be read.
   */
  inOtherCategory: number;
};

type Resource = { resourceType?: unknown; category?: unknown };

/**
 * Adds the category survey to Observations that ask a question of a screening and would not be read
 * otherwise, so that no answer is lost. The others are counted, for whoever gave the file.
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
 * A category that is no list may be one that is asked for: the EHR is asked, and its answer is
 * looked at.
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
