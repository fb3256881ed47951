import { describe, expect, it } from 'vitest';
import { addSurveyCategory } from './observation-categories.ts';

const noCounts = { servedAsSurvey: 0, withoutCategory: 0, inOtherCategory: 0 };
const hl7 = 'http://terminology.hl7.org/CodeSystem/observation-category';
const guide = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes';
const survey = { coding: [{ system: hl7, code: 'survey' }] };
const of = (system: string, code: unknown) => [{ coding: [{ system, code }] }];
const asked = (question: string, category: unknown) => ({
  resourceType: 'Observation',
  id: 'o1',
  code: { coding: [{ system: 'http://loinc.org', code: question }] },
  ...(category === undefined ? {} : { category }),
});

async function served(resource: object): Promise<{ category: unknown; count: object }> {
  const count = { ...noCounts };
  const resources = async function* () {
    yield resource as { resourceType: string; category?: unknown };
  };
  let category: unknown;
  for await (const observation of addSurveyCategory(resources(), count))
    category = observation.category;
  return { category, count };
}

describe('an Observation of a file', () => {
  it('whose words alone ask a question of a screening is served as survey, too', async () => {
    const text =
      'Within the past 12 months, I worried that my food would run out before I got the money to buy more.';
    const { category, count } = await served({
      ...asked('', undefined),
      code: { coding: [{ system: 'urn:site', code: 'F1' }], text },
    });
    expect([category, count]).toEqual([[survey], { ...noCounts, servedAsSurvey: 1 }]);
  });

  it.each<[string, unknown]>([
    ['no category', undefined],
    ['an empty list', []],
    ['a category of the site', of('urn:site', 'questionnaire')],
    ['a category in capital letters', of(hl7, 'SURVEY')],
    ['a category that is a number', of(hl7, 5)],
    ['the category of a need alone', of(guide, 'food-insecurity')],
    ['a category in words', [{ text: 'Screening' }]],
  ])(
    'that asks a question of a screening under %s is served as survey, too',
    async (_what, category) => {
      const { category: categories, count } = await served(asked('93030-5', category));
      expect(categories).toEqual([...((category as unknown[] | undefined) ?? []), survey]);
      expect(count).toEqual({ ...noCounts, servedAsSurvey: 1 });
    },
  );

  it.each<[string, unknown]>([
    ['survey', of(hl7, 'survey')],
    ['social history', of(hl7, 'social-history')],
    ['what is no list', survey],
  ])('under %s is served as it is', async (_what, category) => {
    expect(await served(asked('93030-5', category))).toEqual({
      category,
      count: noCounts,
    });
  });

  it('that will not be read is counted', async () => {
    expect((await served(asked('93030-5', of(hl7, 'laboratory')))).count).toEqual({
      ...noCounts,
      inOtherCategory: 1,
    });
    expect((await served(asked('718-7', undefined))).count).toEqual({
      ...noCounts,
      withoutCategory: 1,
    });
    expect((await served(asked('718-7', of(hl7, 'laboratory')))).count).toEqual(noCounts);
  });
});
