import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The rows that coding made of the first six people of the population at commit ab79bbd, by table.
 * People repeat after six: three instruments, with a need and without. They are frozen like the
 * tables beside this file, so that a product that writes fewer rows does not lower its own floor.
 */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'rows.json'), 'utf8')) as Record<
  string,
  unknown[][]
>[];

/** Columns of the recorded rows, by table. */
export const madeColumns: Readonly<Record<string, readonly string[]>> = {
  screening: [
    'id',
    'tenant',
    'connection',
    'person',
    'instrument',
    'authored',
    'encounter',
    'outcome',
    'quarantine',
    'sources',
    'issues',
  ],
  own_resource: ['id', 'tenant', 'connection', 'type', 'person', 'body', 'hash'],
  evidence: [
    'condition',
    'observation',
    'tenant',
    'person',
    'source',
    'rule',
    'rule_version',
    'code_systems',
    'sentence',
  ],
  referral: [
    'id',
    'tenant',
    'connection',
    'person',
    'category',
    'episode',
    'unambiguous',
    'sensitive',
    'conditions',
    'since',
    'trace',
    'gate',
  ],
};

type Template = { text: string; person: string };
const templates: readonly Template[] = recorded.map((rows, index) => ({
  text: JSON.stringify(rows),
  person: `person-${index}`,
}));
const uuidStart = /[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-)/g;

/**
 * Makes the rows of one person of the population: the recorded ones of the same kind, with ids of
 * its own. The first half of each id is mixed with a different number for each person, so that ids
 * stay unique and come in no order, as derived ones do.
 */
export function madeRowsOf(index: number): Record<string, unknown[][]> {
  const template = templates[index % templates.length];
  if (!template) throw new Error('No rows were recorded');
  const mix = Math.imul(index + 1, 0x9e3779b1) >>> 0;
  const mixed = (start: string) =>
    ((Number.parseInt(start, 16) ^ mix) >>> 0).toString(16).padStart(8, '0');
  const text = template.text
    .replaceAll(uuidStart, mixed)
    .replaceAll(new RegExp(`${template.person}(?![0-9])`, 'g'), `person-${index}`);
  return JSON.parse(text) as Record<string, unknown[][]>;
}
