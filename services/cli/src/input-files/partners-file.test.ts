import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorRecord } from '@loopwell/kit';
import { afterAll, describe, expect, it } from 'vitest';
import { readPartnersFile, readPartnerTokensFile } from './partners-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'loopwell-partners-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
function fileOf(content: unknown): string {
  count += 1;
  const file = join(folder, `${count}.json`);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const row = (id: string, address: string) => ({
  id,
  tenant: 'o',
  position: 0,
  name: id,
  address,
  body: '{}',
});
const partners = [
  row('pantry', 'https://pantry.example/fhir'),
  row('shelter', 'https://shelter.example/fhir'),
  row('annex', 'https://pantry.example/fhir'),
];

function refusal(work: () => unknown): { code: string; message: string } {
  try {
    work();
  } catch (error) {
    return errorRecord(error);
  }
  throw new Error('nothing was refused');
}

describe('the partners file', () => {
  it.each([
    ['', 'cannot be read as JSON'],
    ['{"resourceType":"Bundle","entry":[', 'cannot be read as JSON'],
    ['{}', 'not a FHIR Bundle'],
    ['{"resourceType":"Bundle"}', 'names no HealthcareService'],
  ])('ends in a clear error when it holds %j', (content, sentence) => {
    const { code, message } = refusal(() => readPartnersFile(fileOf(content), 'o'));
    expect(code).toBe('CONFIG_INVALID');
    expect(message).toContain(sentence);
  });

  it('is asked for by name when it is not there', () =>
    expect(refusal(() => readPartnersFile(join(folder, 'none.json'), 'o')).message).toContain(
      'none.json',
    ));
});

describe('the partner tokens file', () => {
  it('gives bearers by Endpoint address, however its trailing slash and case are written', () => {
    const tokens = readPartnerTokensFile(
      fileOf({
        'HTTPS://PANTRY.example/fhir/': { send: 's-1', read: 'r-1' },
        'https://shelter.example/fhir': { send: 's-2' },
      }),
      partners,
    );
    expect(tokens).toEqual({
      'https://pantry.example/fhir': { send: 's-1', read: 'r-1' },
      'https://shelter.example/fhir': { send: 's-2' },
    });
  });

  it.each([
    ['no JSON', 'nope', 'cannot be read as JSON'],
    ['a list', [], 'must be a JSON object'],
    [
      'tokens that nobody asked for',
      { 'https://elsewhere.example/fhir': { send: 'secret' } },
      'names an address that no partner has (entry 1)',
    ],
    ['something that is no address', { pantry: { send: 'secret' } }, 'no partner has'],
    [
      'one address twice',
      { 'https://pantry.example/fhir': {}, 'https://pantry.example/fhir/': {} },
      'names one address twice (entry 2)',
    ],
    ['a bare token', { 'https://pantry.example/fhir': 'secret' }, 'must give { "send", "read" }'],
    ['null', { 'https://pantry.example/fhir': null }, 'must give { "send", "read" }'],
    [
      'another field',
      { 'https://pantry.example/fhir': { send: 'a', reed: 'secret' } },
      'knows "send" and "read" only',
    ],
    [
      'a token of another type',
      { 'https://pantry.example/fhir': { read: 12345 } },
      'must give "read" as a bearer',
    ],
    [
      'an empty token',
      { 'https://pantry.example/fhir': { read: '' } },
      'must give "read" as a bearer',
    ],
    [
      'a token that no header may carry',
      { 'https://pantry.example/fhir': { send: 'secret\r\nx: y' } },
      'must give "send" as a bearer',
    ],
  ])('is refused with %s, and its values are never shown', (_name, content, sentence) => {
    const { code, message } = refusal(() => readPartnerTokensFile(fileOf(content), partners));
    expect(code).toBe('CONFIG_INVALID');
    expect(message).toContain(sentence);
    expect(message).not.toMatch(/secret|12345/);
  });
});
