import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptyScript, makePeople, partnersBundle } from '@loopwell/sandbox';
import { queueUrl, testDatabase } from '@loopwell/testing';
import {
  type ForeignFhirServer,
  startForeignFhirServer,
} from '@loopwell/testing/foreign-fhir-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../services/cli/src/run/result.ts';

/** The whole journey with two FHIR servers that are not ours, one as EHR and one as partner. */
type Task = {
  id: string;
  status: string;
  meta: { versionId: string };
  focus?: { reference: string };
  for?: { reference: string };
};

let scratch: Awaited<ReturnType<typeof testDatabase>>;
let [ehr, partner]: ForeignFhirServer[] = [];
const folder = mkdtempSync(join(tmpdir(), 'loopwell-foreign-'));
const script = emptyScript();

beforeAll(async () => {
  scratch = await testDatabase();
  ehr = await startForeignFhirServer({ bearer: 'for-the-ehr' });
  partner = await startForeignFhirServer({ bearer: 'for-the-partner' });
  // More people than a page holds: this server names no next page, and shows no self link.
  const strangers = Array.from({ length: 130 }, (_, index) => ({
    resourceType: 'Patient',
    id: `stranger-${index}`,
  }));
  await ehr.load([
    ...strangers,
    ...makePeople({ seed: 7, people: 24, today: new Date() }, script),
  ] as never);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await ehr?.close();
  await partner?.close();
  await scratch?.close();
});

/** `loopwell run` as anyone calls it, with the servers of this test. */
function argumentsOf(): string[] {
  const { base } = partner as ForeignFhirServer;
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  return [
    ...[
      'run',
      '--ehr',
      (ehr as ForeignFhirServer).base,
      '--ehr-token-file',
      file('ehr-token', 'for-the-ehr'),
    ],
    ...['--partners', file('partners.json', JSON.stringify(partnersBundle(() => base)))],
    ...[
      '--partner-tokens',
      file(
        'tokens.json',
        JSON.stringify({ [base]: { send: 'for-the-partner', read: 'from-the-partner' } }),
      ),
    ],
    ...[
      '--approve',
      'unambiguous',
      '--send',
      '--write-back',
      '--allow-private-networks',
      '--port',
      '0',
      '--once',
      '--settle',
      '4s',
      '--timeout',
      '240s',
      '--json',
      '--data-dir',
      join(folder, 'data'),
    ],
  ];
}

/**
 * A partner's staff, who take each Task one step further, by hand: read, change, write back under
 * If-Match.
 */
async function workAtThePartner(server: ForeignFhirServer): Promise<void> {
  const headers = {
    authorization: 'Bearer for-the-partner',
    'content-type': 'application/fhir+json',
  };
  const next: Record<string, string> = {
    requested: 'accepted',
    accepted: 'in-progress',
    'in-progress': 'completed',
  };
  for (const task of (await server.all('Task')) as unknown as Task[]) {
    const status = next[task.status];
    if (status === undefined) continue;
    let output = {};
    if (status === 'completed') {
      const procedure = {
        resourceType: 'Procedure',
        status: 'completed',
        code: { coding: [{ system: 'http://snomed.info/sct', code: '710925007' }] },
        subject: task.for,
        performedDateTime: new Date().toISOString(),
      };
      const made = (await (
        await fetch(`${server.base}/Procedure`, {
          method: 'POST',
          headers,
          body: JSON.stringify(procedure),
        })
      ).json()) as { id: string };
      output = {
        output: [
          {
            type: {
              coding: [
                {
                  system:
                    'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes',
                  code: 'resulting-activity',
                },
              ],
            },
            valueReference: { reference: `Procedure/${made.id}` },
          },
        ],
      };
    }
    await fetch(`${server.base}/Task/${task.id}`, {
      method: 'PUT',
      headers: { ...headers, 'if-match': `W/"${task.meta.versionId}"` },
      body: JSON.stringify({ ...task, status, ...output }),
    });
  }
}

async function run(): Promise<{ result: RunResult; status: number | null; told: string }> {
  const main = fileURLToPath(new URL('../../services/cli/src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, ...argumentsOf()], {
    env: { ...process.env, DATABASE_URL: scratch.url, QUEUE_URL: queueUrl(scratch.url) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, told] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (told += chunk));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let isOver = false;
  void ended.then(() => (isOver = true));
  while (!isOver) {
    await workAtThePartner(partner as ForeignFhirServer);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const status = await ended;
  expect(out, told).not.toBe('');
  return { result: JSON.parse(out) as RunResult, status, told };
}

describe('two FHIR servers that are not ours', { timeout: 400_000 }, () => {
  let first: RunResult;

  it('are read, referred to and written back into, until every loop that can close is closed', async () => {
    const { result, status, told } = await run();
    first = result;
    // The gates that nobody opens here are left over, and nothing else.
    expect(status).toBe(3);
    expect(told).not.toMatch(/refused by the EHR|REMOTE_|waits? for an operator/);
    expect(result.encounters).toMatchObject({
      coded: script.encounters.coded,
      quarantined: script.encounters.quarantined,
      inProgress: 0,
    });
    expect(result.referrals.needed).toBe(script.referrals.needed);
    // Here every partner helps: what nobody helps with in the script closes, and only gates hold
    // anybody up.
    expect(result.referrals.closed).toBe(
      script.referrals.closed + (script.referrals.waiting.withoutHelp ?? 0),
    );
    expect(result.referrals.closed).toBeGreaterThan(10);
    expect(result.referrals.waiting).toMatchObject({ partner: 0, hold: 0, send: 0, noPartner: 0 });
    expect(result.writeBack).toMatchObject({ refused: 0, waiting: 0 });
    expect(result.writeBack.done).toBeGreaterThan(0);
  });

  it('hold each thing once, with their own ids, and lead to one another', async () => {
    const ours = (
      await Promise.all(
        ['Observation', 'Condition', 'ServiceRequest', 'Procedure', 'Provenance', 'Device'].map(
          (type) => (ehr as ForeignFhirServer).all(type),
        ),
      )
    ).flat() as unknown as {
      resourceType: string;
      id: string;
      status?: string;
      identifier?: { system: string; value: string }[];
      basedOn?: { reference: string }[];
      subject?: { reference: string };
      target?: { reference: string }[];
    }[];
    const written = ours.filter((one) =>
      one.identifier?.some((identifier) => identifier.system.startsWith('urn:uuid:')),
    );
    // FHIR gives a Provenance no identifier: it is known by what it is about.
    const provenances = ours.filter((one) => one.resourceType === 'Provenance');
    expect(written.length + provenances.length).toBe(first.writeBack.done);
    expect(new Set(written.map((one) => one.identifier?.[0]?.value)).size).toBe(written.length);
    expect(new Set(provenances.map((one) => one.target?.[0]?.reference)).size).toBe(
      provenances.length,
    );
    expect(written.filter((one) => one.resourceType === 'Device')).toHaveLength(1);
    const ids = new Set(ours.map((one) => `${one.resourceType}/${one.id}`));
    const requests = written.filter((one) => one.resourceType === 'ServiceRequest');
    expect(requests.map((one) => one.status)).toEqual(requests.map(() => 'completed'));
    for (const procedure of written.filter((one) => one.resourceType === 'Procedure'))
      expect(ids).toContain(procedure.basedOn?.[0]?.reference);
    const patients = new Set(
      (await (ehr as ForeignFhirServer).all('Patient')).map((one) => `Patient/${one.id}`),
    );
    for (const one of provenances) expect(ids).toContain(one.target?.[0]?.reference);
    for (const one of written.filter(({ resourceType }) => resourceType !== 'Device'))
      expect(patients).toContain(one.subject?.reference);
    const tasks = (await (partner as ForeignFhirServer).all('Task')) as unknown as {
      identifier: { value: string }[];
    }[];
    expect(new Set(tasks.map((one) => one.identifier[0]?.value)).size).toBe(tasks.length);
  });

  it('change nothing when what we wrote comes back with the next pull', async () => {
    const before = (partner as ForeignFhirServer).asked.filter((one) =>
      one.startsWith('POST'),
    ).length;
    const { result } = await run();
    expect({ ...result, durationMs: 0 }).toEqual({ ...first, durationMs: 0 });
    expect(
      (partner as ForeignFhirServer).asked.filter((one) => one.startsWith('POST')),
    ).toHaveLength(before);
  });

  it('are believed when a clinician has refuted there what we suggested', async () => {
    const server = ehr as ForeignFhirServer;
    // Of a loop that is closed: an open referral would go back to its reviewer.
    const requests = (await server.all('ServiceRequest')) as unknown as {
      status: string;
      reasonReference?: { reference: string }[];
    }[];
    const closed = requests.find((one) => one.status === 'completed')?.reasonReference?.[0]
      ?.reference;
    const condition = (await server.all('Condition')).find(
      (one) => `Condition/${one.id}` === closed,
    );
    expect(condition).toBeDefined();
    await server.load([
      {
        ...condition,
        verificationStatus: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status',
              code: 'refuted',
            },
          ],
        },
      } as never,
    ]);
    const { result } = await run();
    expect(result.conditions.created).toBe(first.conditions.created);
    expect(result.referrals).toEqual(first.referrals);
    const [now] = (await server.all('Condition')).filter(
      (one) => one.id === condition?.id,
    ) as unknown as {
      verificationStatus: { coding: { code: string }[] };
    }[];
    expect(now?.verificationStatus.coding[0]?.code).toBe('refuted');
  });
});
