import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { patientBodiesRead } from './patient-bodies.ts';

const root = join(import.meta.dirname, '..', '..');

function linesOf(texts: readonly string[], folder = 'services/console/src'): number[][] {
  const files = texts.map((_, index) => `${folder}/case-${index}.ts`);
  const byFile = Object.fromEntries(files.map((file, index) => [file, texts[index] ?? '']));
  const places = patientBodiesRead(root, files, byFile);
  return files.map((file) => places.filter((place) => place.file === file).map((p) => p.line));
}

const head = "import type { fhir4 } from '@loopwell/fhir';\n";
const breaches = [
  'export const planted = (p: fhir4.Patient) => p.name;',
  'export const planted = (p: fhir4.Patient | undefined) => p?.telecom;',
  "export const planted = (p: fhir4.Patient) => p['birthDate'];",
  'export const planted = (p: fhir4.Patient) => p[`address`];',
  "const key = 'telecom'; export const planted = (p: fhir4.Patient) => p[key];",
  "const key = 'telecom' as const; export const planted = (p: fhir4.Patient) => p[key];",
  'export const planted = (p: fhir4.Patient, key: keyof fhir4.Patient) => p[key];',
  'export const planted = ({ name }: fhir4.Patient) => name;',
  'export const planted = ({ name: shown }: fhir4.Patient) => shown;',
  "export const planted = ({ ['name']: shown }: fhir4.Patient) => shown;",
  'export function planted(p: fhir4.Patient) { const { contact } = p; return contact; }',
  'export function planted(p: fhir4.Patient) { let a; ({ address: a } = p); return a; }',
  'export function planted(p: fhir4.Patient) { const q = p; return q.communication; }',
  'export const planted = (row: { body: string }) => (JSON.parse(row.body) as fhir4.Patient).name;',
  'export const planted = (body: string) => { const p: fhir4.Patient = JSON.parse(body); return p.name; };',
  'export const planted = (p: unknown) => (p as unknown as fhir4.Patient).name;',
  'export const planted = (p: Partial<fhir4.Patient>) => p.name;',
  "export const planted = (p: Pick<fhir4.Patient, 'name'>) => p.name;",
  'type Record = fhir4.Patient; export const planted = (p: Record) => p.name;',
  'type A = fhir4.Patient & object; type B = A | undefined; export const planted = (p: B) => p?.name;',
  'interface Mine extends fhir4.Patient { x: 1 } export const planted = (p: Mine) => p.name;',
  "import type { fhir4 as f } from '@loopwell/fhir'; export const planted = (p: f.Patient) => p.name;",
  'type File = { who: fhir4.Patient }; export const planted = (file: File) => file.who.name;',
  'export const planted = (file: { patient: { name: string } }) => file.patient.name;',
  'export const planted = (file: { patient?: { name: string } }) => file.patient?.name;',
  'export const planted = ({ patient: { name } }: { patient: { name: string } }) => name;',
  'export const planted = (all: fhir4.Patient[]) => all.map(({ name }) => name);',
  'export const planted = (all: readonly fhir4.Patient[]) => all[0]?.name;',
  'export const planted = (patients: { name: string }[]) => patients.map(({ name }) => name);',
  'export function planted(patients: { name: string }[]) { for (const { name } of patients) return name; }',
  'declare const parse: <T>(x: string) => T[]; export const planted = parse<fhir4.Patient>("x")[0]?.name;',
  'export const planted = (p: fhir4.Patient | null, q: fhir4.Patient) => (p ?? q).name;',
  'export const planted = (b: boolean, p: fhir4.Patient) => (b ? p : p).name;',
  'export const planted = (body: string) => JSON.parse(body).telecom;',
];

const readings = [
  'export const fine = (p: fhir4.Patient) => p.id;',
  'export const fine = ({ id, active }: fhir4.Patient) => [id, active];',
  'export const fine = (p: fhir4.Organization) => p.name;',
  'export const fine = ({ name, telecom }: fhir4.Organization) => [name, telecom];',
  'export const fine = (partner: { name: string; address: string }) => partner.name + partner.address;',
  'export const fine = (body: string) => JSON.parse(body).name;',
  'export const fine = (patient: string) => patient.length;',
  'export const fine = (task: { patient: string; name: string }) => task.name;',
];

describe('a Patient body', () => {
  const seen = linesOf(breaches.map((text) => head + text));
  it.each(breaches.map((text, index) => [text, seen[index]]))('is read in %s', (_text, lines) => {
    expect(lines).toEqual([2]);
  });

  const unseen = linesOf(readings.map((text) => head + text));
  it.each(readings.map((text, index) => [text, unseen[index]]))('is not in %s', (_text, lines) => {
    expect(lines).toEqual([]);
  });

  it('is known by a name that another file gives to its type', () => {
    const alias = `${head}export type Chart = fhir4.Patient;\n`;
    const use =
      "import type { Chart } from './case-0.ts';\nexport const a = (c: Chart) => c.name;\n";
    expect(linesOf([alias, use])).toEqual([[], [2]]);
  });

  it.each([
    'packages/sdoh/src/people',
    'services/intake/src/people',
    'packages/fhir/src/shape',
    'services/sandbox/src/population',
    'packages/testing/src',
    'tests/durability',
  ])('may be read in %s', (folder) => {
    expect(linesOf([head + breaches[0]], folder)).toEqual([[]]);
  });
});
