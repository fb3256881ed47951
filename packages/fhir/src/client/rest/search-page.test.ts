import { describe, expect, it } from 'vitest';
import { noticeCodes } from '../refusals/outcomes.ts';
import { rowsOn, searchPageOf, tellsAll, wasApplied } from './search-page.ts';

const base = 'https://ehr.test/fhir';
const read = (body: unknown) =>
  searchPageOf({ body }, { base, url: `${base}/Patient`, now: new Date('2026-11-29T12:00:00Z') });
const bundle = (more: object) => ({ resourceType: 'Bundle', type: 'searchset', ...more });
const outcome = (severity: unknown, code: string) => ({
  resource: { resourceType: 'OperationOutcome', issue: [{ severity, code }] },
  search: { mode: 'outcome' },
});

describe('a page of a search', () => {
  it('hands over resources, and entries that are none with their reason', () => {
    const page = read(
      bundle({
        entry: [
          { resource: { resourceType: 'Patient', id: 'a' } },
          null,
          7,
          {},
          { resource: { id: 'b' } },
          { resource: [] },
        ],
      }),
    );
    expect(page.resources.map((one) => one.id)).toEqual(['a']);
    expect(page.invalid.map((one) => one.reason)).toEqual([
      'unreadable-entry',
      'unreadable-entry',
      'entry-without-resource',
      'entry-without-resource',
      'entry-without-resource',
    ]);
  });

  it('lists a hundred entries without a resource, and tells how many more there are', () => {
    const page = read(
      bundle({
        total: 2_501,
        entry: [{ resource: { resourceType: 'Patient', id: 'a' } }, ...Array(2_500).fill({})],
      }),
    );
    expect(page.resources).toHaveLength(1);
    expect(page.invalid).toHaveLength(101);
    expect(page.invalid.at(-1)).toEqual({
      reason: 'entries-without-resource',
      entry: { id: 'and-2400-more' },
      facts: { count: '2400' },
    });
    // Rows that the EHR counts, however few are listed.
    expect([rowsOn(page), tellsAll(page, '_id')]).toEqual([2_501, true]);
    expect(
      read(bundle({ entry: Array(100).fill(null) })).invalid.map((one) => one.reason),
    ).not.toContain('entries-without-resource');
  });

  it.each([
    ['rules of the page', { implicitRules: 'urn:rules' }, {}, { implicitRules: 'urn:rules' }],
    [
      'masked rules of the page',
      { _implicitRules: { id: 'a' } },
      {},
      { _implicitRules: { id: 'a' } },
    ],
    [
      'a modifier of the page',
      { modifierExtension: [{ url: 'urn:not' }] },
      {},
      { modifierExtension: [{ url: 'urn:not' }] },
    ],
    [
      'a modifier of the entry',
      {},
      { modifierExtension: [{ url: 'urn:not' }] },
      { modifierExtension: [{ url: 'urn:not' }] },
    ],
    ['an empty list, which says nothing', { modifierExtension: [] }, {}, {}],
  ])('keeps %s with what may permit something', (_name, page, entry, kept) => {
    for (const resourceType of ['Consent', 'ServiceRequest', 'Goal']) {
      const { resources } = read(
        bundle({ ...page, entry: [{ ...entry, resource: { resourceType, id: 'a' } }] }),
      );
      expect(resources).toEqual([{ resourceType, id: 'a', ...kept }]);
    }
    const { resources } = read(
      bundle({ ...page, entry: [{ ...entry, resource: { resourceType: 'Patient', id: 'a' } }] }),
    );
    expect(resources).toEqual([{ resourceType: 'Patient', id: 'a' }]);
  });

  it('keeps its labels with the answers on it', () => {
    const label = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'ETH' };
    const entry = [
      { resource: { resourceType: 'Observation', id: 'a' } },
      { resource: { resourceType: 'Patient', id: 'b' } },
    ];
    expect(
      read(bundle({ meta: { security: [label] }, entry })).resources.map((one) => one.meta),
    ).toEqual([{ security: [label] }, undefined]);
  });

  it('leaves out what the server included by itself', () => {
    const page = read(
      bundle({
        entry: [
          { resource: { resourceType: 'Practitioner', id: 'a' }, search: { mode: 'include' } },
        ],
      }),
    );
    expect(page.resources).toEqual([]);
    expect(page.invalid).toEqual([]);
  });

  it.each([
    ['error', 'not-supported'],
    ['fatal', 'exception'],
    ['warning', 'throttled'],
    ['information', 'timeout'],
    [undefined, 'processing'],
  ])(
    'takes an outcome of severity %s, code %s, for a failure and not for "nothing new"',
    (severity, code) => {
      expect(() => read(bundle({ entry: [outcome(severity, code)] }))).toThrow(
        expect.objectContaining({ code: 'REMOTE_UNAVAILABLE' }),
      );
    },
  );

  it.each(['issue', [], null, {}])(
    'takes an outcome whose issues are %j for a failure',
    (issue) => {
      expect(() =>
        read(bundle({ entry: [{ resource: { resourceType: 'OperationOutcome', issue } }] })),
      ).toThrow(expect.objectContaining({ code: 'REMOTE_UNAVAILABLE' }));
    },
  );

  it.each(['warning', 'information'])(
    'keeps entries beside a %s that they are incomplete, and hands its code over',
    (severity) => {
      const page = read(
        bundle({
          entry: [
            { resource: { resourceType: 'Patient', id: 'a' } },
            outcome(severity, 'incomplete'),
          ],
        }),
      );
      expect([page.resources.length, noticeCodes(page.outcomes)]).toEqual([1, ['incomplete']]);
      expect(() => read(bundle({ entry: [outcome(severity, 'incomplete')] }))).toThrow(
        expect.objectContaining({ code: 'REMOTE_UNAVAILABLE' }),
      );
    },
  );

  it('takes a warning such as "no results" for what it says', () => {
    expect(read(bundle({ total: 0, entry: [outcome('warning', 'processing')] })).resources).toEqual(
      [],
    );
  });

  it.each([
    ['an OperationOutcome in place of a Bundle', { resourceType: 'OperationOutcome', issue: [] }],
    ['nothing', undefined],
    ['entries that are no list', bundle({ entry: { resource: {} } })],
    [
      'links that are no list',
      bundle({ link: { relation: 'next', url: `${base}/Patient?page=2` } }),
    ],
    [
      'a next link without address',
      bundle({
        link: [
          null,
          { relation: 'next' },
          { relation: 'next', url: 7 },
          { relation: 'next', url: '' },
        ].slice(2),
      }),
    ],
  ])('refuses %s', (_what, body) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'REMOTE_INVALID' }));
  });

  it('refuses a failed entry inside a good answer', () => {
    expect(() =>
      read(bundle({ entry: [{ response: { status: '429 Too Many Requests' } }] })),
    ).toThrow(expect.objectContaining({ code: 'REMOTE_UNAVAILABLE' }));
  });

  it.each([
    ['?page=2', `${base}?page=2`],
    ['Patient?page=2', `${base}/Patient?page=2`],
    ['/fhir/Patient?page=2', `${base}/Patient?page=2`],
    ['https://elsewhere.test/Patient?page=2', 'https://elsewhere.test/Patient?page=2'],
  ])('resolves the next link %s', (url, absolute) => {
    expect(read(bundle({ link: [{ relation: 'next', url }] })).nextUrl).toBe(absolute);
  });

  it('believes a "no" where the parameter was applied, or where everything was shown', () => {
    const link = [{ relation: 'self', url: `${base}/Task?identifier=a` }];
    expect(tellsAll(read(bundle({ link })), 'identifier')).toBe(true);
    expect(tellsAll(read(bundle({ total: 0 })), 'identifier')).toBe(true);
    expect(tellsAll(read(bundle({ total: 7 })), 'identifier')).toBe(false);
    expect(tellsAll(read(bundle({})), 'identifier')).toBe(false);
    expect(
      tellsAll(
        read(bundle({ link: [...link, { relation: 'next', url: '?page=2' }] })),
        'identifier',
      ),
    ).toBe(false);
  });

  it('believes a parameter applied only where the self link shows it', () => {
    const shown = read(
      bundle({
        link: [{ relation: 'self', url: `${base}/Task?focus%3AServiceRequest=a&_count=1` }],
      }),
    );
    expect([
      wasApplied(shown, 'focus'),
      wasApplied(shown, 'owner'),
      wasApplied(read(bundle({})), 'focus'),
    ]).toEqual([true, false, false]);
  });
});
