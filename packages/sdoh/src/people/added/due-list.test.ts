import { describe, expect, it } from 'vitest';
import { readDueCsv, readDueGroup } from './due-list.ts';
import { findCatalogNeed, needCatalog } from './need-catalog.ts';

const today = '2026-11-30';

describe('a due list as CSV', () => {
  it('says who needs what and by when, in any order, quoted or not', () => {
    const text =
      '\u{FEFF}What,"who",by\r\nfree-screening,"M-1001",2026-12-31\r\n\r\nclass,p2,12/5/2026\n';
    expect(readDueCsv(text, today)).toEqual({
      items: [
        { row: 1, who: 'M-1001', what: 'free-screening', by: '2026-12-31' },
        { row: 2, who: 'p2', what: 'class', by: '2026-12-05' },
      ],
      problems: [],
    });
    expect(readDueCsv('who,what\n"a ""b"", c",class', today).items[0]?.who).toBe('a "b", c');
  });

  it.each([
    ['who,what,by\n,class,', [{ row: 1, field: 'who', rule: 'required' }]],
    ['who,what,by\np1,massage,', [{ row: 1, field: 'what', rule: 'unknown-need' }]],
    [
      'who,what,by\np1,intimate-partner-violence,',
      [{ row: 1, field: 'what', rule: 'unknown-need' }],
    ],
    ['who,what,by\np1,class,2026-02-30', [{ row: 1, field: 'by', rule: 'date' }]],
    ['who,what,by\np1,class,soon', [{ row: 1, field: 'by', rule: 'date' }]],
    ['who,what,by\np1,class,2026-11-29', [{ row: 1, field: 'by', rule: 'past' }]],
    ['who,what,by\np1,class,2066-11-29', [{ row: 1, field: 'by', rule: 'too-far' }]],
    ['name,need\np1,class', [{ row: 0, field: 'list', rule: 'head' }]],
    ['who,what,by\n', [{ row: 0, field: 'list', rule: 'empty' }]],
    ['', [{ row: 0, field: 'list', rule: 'head' }]],
    [
      `who,what\n${'p,class\n'.repeat(1_001)}`,
      [{ row: 0, field: 'list', rule: 'at-most-1000-rows' }],
    ],
  ])('names row, field and rule of what is wrong in %j', (text, problems) => {
    expect(readDueCsv(text, today).problems).toEqual(problems);
  });
});

describe('a due list as a Group', () => {
  const code = (what: string, system = 'https://loopwell.example/CodeSystem/need') => ({
    coding: [{ system, code: what }],
  });
  const member = (id: string, end?: string) => ({
    entity: { reference: `Patient/${id}` },
    ...(end ? { period: { end } } : {}),
  });

  it('has an item for each active member', () => {
    const group = {
      ...{ resourceType: 'Group', code: code('free-screening') },
      member: [member('p1', '2026-12-31'), { ...member('p2'), inactive: true }, member('p3')],
    };
    expect(readDueGroup(group, today)).toEqual({
      items: [
        { row: 1, who: 'p1', what: 'free-screening', by: '2026-12-31' },
        { row: 2, who: 'p3', what: 'free-screening', by: undefined },
      ],
      problems: [],
    });
  });

  it.each([
    [{ resourceType: 'Patient' }, 'group'],
    [undefined, 'group'],
    [{ resourceType: 'Group', code: code('class') }, 'empty'],
    [
      { resourceType: 'Group', code: code('class', 'urn:other'), member: [member('p')] },
      'unknown-need',
    ],
    [{ resourceType: 'Group', code: 7, member: [member('p')] }, 'unknown-need'],
    [{ resourceType: 'Group', code: code('class'), member: [{}] }, 'required'],
    [{ resourceType: 'Group', code: code('class'), member: [member('p', 'soon')] }, 'date'],
  ])('names what is wrong with %j', (group, rule) => {
    expect(readDueGroup(group, today).problems.map((problem) => problem.rule)).toContain(rule);
  });
});

it('the catalog has no need that tells an answer about safety', () => {
  expect(needCatalog.map(({ code }) => code)).not.toContain('intimate-partner-violence');
  expect(findCatalogNeed('free-screening')?.service?.code).toBe('464161000124109');
  expect(findCatalogNeed('help-with-bills')?.category).toBe('medical-cost-burden');
  expect(new Set(needCatalog.map(({ code }) => code)).size).toBe(needCatalog.length);
});
