import { describe, expect, it } from 'vitest';
import { readConceptMap } from './concept-map.ts';

const target = (change: object = {}) => ({ code: 'LA33-6', equivalence: 'equivalent', ...change });
const element = (change: object = {}) => ({ code: 'Y', target: [target()], ...change });
const map = (element: unknown, change: object = {}) => ({
  resourceType: 'ConceptMap',
  status: 'active',
  group: [{ source: 'urn:site', target: 'http://loinc.org', element, ...change }],
});
const problems = (value: unknown) =>
  readConceptMap(value).problems.map((one) => `${one.place} ${one.says}`);

describe('a ConceptMap', () => {
  it('is taken whole, by addresses without their versions', () => {
    const { translations, problems: wrong } = readConceptMap(
      map([element(), element()], { source: 'urn:site|2.1' }),
    );
    expect([[...translations], wrong]).toEqual([[['urn:site\nY', 'LA33-6']], []]);
    expect(
      problems(
        map([
          element({ target: [target({ equivalence: undefined, relationship: 'equivalent' })] }),
        ]),
      ),
    ).toEqual([]);
    const both = [
      { source: 'urn:x', target: 'http://loinc.org', element: [element({ code: 'a|b' })] },
      {
        source: 'urn:x|a',
        target: 'http://loinc.org',
        element: [element({ code: 'b', target: [target({ code: 'LA32-8' })] })],
      },
    ];
    expect(problems({ ...map([]), group: both })).toEqual([]);
  });

  it.each([
    [
      'a second target that is wider',
      [element({ target: [target(), target({ code: 'LA32-8', equivalence: 'wider' })] })],
      /element\[0\] \(Y\) has to have one target/,
    ],
    [
      'a second target that is none',
      [element({ target: [target(), target({ code: undefined, equivalence: 'unmatched' })] })],
      /one target/,
    ],
    [
      'a relationship that is wider',
      [
        element({
          target: [
            target({ equivalence: undefined, relationship: 'source-is-broader-than-target' }),
          ],
        }),
      ],
      /one target/,
    ],
    [
      'what depends on other codes',
      [element({ target: [target({ dependsOn: [{ property: 'p', value: 'v' }] })] })],
      /depends on other codes/,
    ],
    [
      'a target that is no LOINC code',
      [element({ target: [target({ code: 'hello world' })] })],
      /no LOINC code/,
    ],
    ['no list', 'x', /element has to be a list/],
    [
      'what is no object, at its own place',
      [element(), null, element({ code: undefined })],
      /^group\[0\]\.element\[1\] has to be an object.*group\[0\]\.element\[2\]\.code is missing/,
    ],
    [
      'two meanings of one code',
      [element(), element({ target: [target({ code: 'LA32-8' })] })],
      /says something else than an earlier one/,
    ],
  ])('is refused with %s, and says where', (_what, elements, says) => {
    expect(problems(map(elements)).join(' ')).toMatch(says);
  });

  it('is refused when it is retired, or nothing', () => {
    expect(problems({ ...map([element()]), status: 'retired' })).toEqual([
      'status is retired: it counts no more.',
    ]);
    expect(problems({ resourceType: 'ConceptMap' })).toEqual([' It translates nothing.']);
    expect(problems({ ...map([]), group: [7] })).toEqual(['group[0] has to be an object.']);
  });
});
