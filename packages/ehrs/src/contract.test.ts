import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { fhir4 } from '@loopwell/fhir';
import { createFhirClient } from '@loopwell/fhir/client';
import { errorRecord } from '@loopwell/kit';
import { createOutbound } from '@loopwell/outbound';
import { describe, expect, it } from 'vitest';
import { type EhrQuirks, ehrs, pullWindow, quirksOf } from './index.ts';

/** What every folder of this shelf must keep. It finds folders and fixtures by itself. */
const shelf = new URL('./', import.meta.url);
const folders = readdirSync(shelf, { withFileTypes: true })
  .filter((one) => one.isDirectory())
  .map((one) => one.name);
const types = [
  'Patient',
  'Encounter',
  'QuestionnaireResponse',
  'Observation',
  'Condition',
  'Consent',
  'Goal',
  'ServiceRequest',
  'Appointment',
];

type Fixture = {
  what: string;
  type: string;
  pages: object[];
  expect: { ids?: string[]; error?: string };
};

const fixturesOf = (folder: string) =>
  readdirSync(new URL(`${folder}/`, shelf)).includes('fixtures')
    ? readdirSync(new URL(`${folder}/fixtures/`, shelf)).filter((name) => name.endsWith('.json'))
    : [];

describe.each(folders)('the EHR %s', (folder) => {
  const quirks = ehrs.find((one) => one.id === folder);

  it('is on the list, under the name of its folder', () => {
    expect(quirks, `add ${folder} to index.ts`).toBeDefined();
    expect(quirksOf(folder)).toBe(quirks);
  });

  it('says what can be', () => {
    expect(quirks?.name).toBeTruthy();
    expect(quirks?.pageSize).toBeGreaterThan(0);
    expect(quirks?.pageSize).toBeLessThanOrEqual(1_000);
    for (const type of [...(quirks?.patientOnly ?? []), ...Object.keys(quirks?.search ?? {})])
      expect(types).toContain(type);
  });

  it('brings fixtures', () => {
    expect(fixturesOf(folder)).not.toHaveLength(0);
  });

  it.each(fixturesOf(folder))('reads %s as it says', async (name) => {
    const fixture = JSON.parse(
      readFileSync(new URL(`${folder}/fixtures/${name}`, shelf), 'utf8'),
    ) as Fixture;
    const told = await read(quirks ?? quirksOf(''), fixture);
    if (fixture.expect.error) expect(told).toEqual({ error: fixture.expect.error });
    else expect(told).toEqual({ ids: [...(fixture.expect.ids ?? [])].sort() });
  });
});

it('takes an EHR that nobody has described for plain R4', () => {
  expect(quirksOf('never heard of').id).toBe('plain-r4');
});

/** Plays the pages of a fixture over HTTP, and reads them as a pull does. */
async function read(
  quirks: EhrQuirks,
  fixture: Fixture,
): Promise<{ ids: string[] } | { error: string }> {
  const server = createServer((request, response) => {
    const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page') ?? 0);
    const text = JSON.stringify(fixture.pages[page] ?? {}).replaceAll('{base}', base);
    response.writeHead(200, { 'content-type': 'application/fhir+json' }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const base = `${origin}/fhir`;
  const outbound = createOutbound({ allowedPrivateOrigins: [origin] });
  const client = createFhirClient({ base, outbound, limits: { attempts: 2, baseMs: 1 } });
  const ids = new Set<string>();
  try {
    for await (const page of pullWindow(client, quirks, {
      type: fixture.type,
      from: undefined,
      to: new Date('2026-12-01T00:00:00Z'),
    })) {
      for (const one of page.resources as (fhir4.Resource & { id: string })[]) ids.add(one.id);
    }
    return { ids: [...ids].sort() };
  } catch (error) {
    return { error: errorRecord(error).code };
  } finally {
    await outbound.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
