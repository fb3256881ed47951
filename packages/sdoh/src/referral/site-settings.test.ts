import { expect, it } from 'vitest';
import { type SiteFields, siteProblems, siteSettingsOf } from './site-settings.ts';

it.each<[keyof SiteFields, string, string | undefined]>([
  ['tellWithoutHelp', '7d', undefined],
  ['tellWithoutHelp', '12h', undefined],
  ['tellWithoutHelp', '3bd', 'must be a duration'],
  ['tellWithoutHelp', '0d', 'must be a duration'],
  ...['10m', '0s', '90s', '500ms', '1.5h', '24h', '1d', ' 10m '].map(
    (wait): [keyof SiteFields, string, undefined] => ['undoFor', wait, undefined],
  ),
  ...['', '10', '-10m', '+10m', '10 m', '25h', '2d', '1w', '1bd', 'soon', '1e3s', '٣m'].map(
    (wait): [keyof SiteFields, string, string] => ['undoFor', wait, 'up to one day; 0s'],
  ),
  ['keepPeople', '3650d', undefined],
  ['keepPeople', '29d', 'of 30 days at least'],
  ['keepViews', '30d', undefined],
  ['keepViews', 'forever', 'must be a duration'],
])('judges %s as %j', (field, setting, rule) => {
  const [problem] = siteProblems({ [field]: setting });
  if (rule === undefined) expect(problem).toBeUndefined();
  else expect(problem).toEqual({ field, rule: expect.stringContaining(rule) });
});

it('keeps people and views for good, and tells of people without help after a week', () => {
  expect(siteSettingsOf({})).toMatchObject({
    ...{ keepPeopleMs: undefined, keepViewsMs: undefined, tellWithoutHelpMs: 7 * 86_400_000 },
  });
});
