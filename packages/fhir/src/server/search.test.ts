import { describe, expect, it } from 'vitest';
import { ResourceStore } from './resource-store.ts';
import { searchPage } from './search.ts';

type Page = {
  total: number;
  link: { relation: string; url: string }[];
  entry: { resource: { id: string } }[];
};
const search = (store: ResourceStore, query: string) =>
  searchPage(store.all('Encounter'), {
    type: 'Encounter',
    parameters: new URLSearchParams(query),
    base: 'http://ehr',
  }) as Page;
const ids = (page: Page) => page.entry.map((one) => one.resource.id);

describe('searching the fake EHR', () => {
  it('shows what was written between two pages of one search', () => {
    const store = new ResourceStore();
    for (const id of ['a', 'b', 'c']) store.put({ resourceType: 'Encounter', id });
    expect(ids(search(store, '_count=2&_sort=_lastUpdated'))).toEqual(['a', 'b']);
    store.put({ resourceType: 'Encounter', id: 'a' });
    const second = search(store, '_count=2&_sort=_lastUpdated&_offset=2');
    expect(ids(second)).toEqual(['a']);
    expect(second.total).toBe(3);
    expect(second.link.some((one) => one.relation === 'next')).toBe(false);
  });

  it('keeps searches with other bounds apart', () => {
    const store = new ResourceStore();
    const first = store.put({ resourceType: 'Encounter', id: 'a' });
    expect(ids(search(store, `_lastUpdated=ge${first.meta.lastUpdated}`))).toEqual(['a']);
    expect(ids(search(store, `_lastUpdated=lt${first.meta.lastUpdated}`))).toEqual([]);
  });

  it('finds a resource by an identifier that it still has, among others that had it once', () => {
    const store = new ResourceStore();
    store.put({
      resourceType: 'Task',
      id: 'one',
      identifier: [{ system: 's', value: 'key' }],
    } as never);
    expect(store.withIdentifier('Task', 'key').map((one) => one.id)).toEqual(['one']);
    expect(store.withIdentifier('Task', 'other')).toEqual([]);
  });
});
