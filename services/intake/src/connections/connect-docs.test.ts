import { readFileSync } from 'node:fs';
import { ehrs } from '@loopwell/ehrs';
import { expect, it } from 'vitest';
import { pulledTypes } from '../pull/check/pulled-types.ts';
import { scopesFor } from './smart-scopes.ts';

/** What `docs/connect.md` says of types, searches and scopes is what is asked for. */
const page = readFileSync(new URL('../../../../docs/connect.md', import.meta.url), 'utf8');
const between = (name: string) =>
  new RegExp(`<!-- ${name}[^>]*-->\n(.*?)<!-- /${name} -->`, 's').exec(page)?.[1]?.trim();

it('docs/connect.md lists what each kind of EHR is asked for', () => {
  const rows = ehrs.flatMap(({ id, patientOnly = [], pageSize }) =>
    Object.keys(pulledTypes).map((type) => {
      const searched = patientOnly.includes(type) ? 'for one patient' : 'for everybody';
      return `| \`${id}\` | ${type} | ${searched} | ${pageSize} | \`system/${type}.rs\` |`;
    }),
  );
  expect(between('kinds')).toBe(
    ['| kind | type | searched | `_count` | scope |', '|---|---|---|---|---|', ...rows].join('\n'),
  );
});

it('docs/connect.md lists the scopes, with and without write-back', () => {
  const lines = [
    `- to read: \`${scopesFor(false)()}\``,
    `- with \`--write-back\`: \`${scopesFor(true)()}\``,
  ];
  expect(between('scopes')).toBe(lines.join('\n'));
});
