import { execFile } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { queueUrl, testDatabase } from '@loopwell/testing';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunResult } from '../../services/cli/src/run/result.ts';

/**
 * Real-shaped data of others, where it lies beside the checkout: Synthea's and HL7's, some of it
 * without one Encounter. Nothing of it is kept here, so that these tests are skipped, and said to
 * be, on machines that do not have it.
 */
const folder = fileURLToPath(new URL('../../../shared/data/open', import.meta.url));
const files = existsSync(folder)
  ? readdirSync(folder).filter((name) => name.endsWith('.ndjson.gz'))
  : [];
const nameOf = (part: string) => files.find((one) => one.includes(part)) ?? '';
const scratch = mkdtempSync(join(tmpdir(), 'loopwell-open-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe.skipIf(files.length === 0)('open data', { timeout: 300_000 }, () => {
  it.each(files)('%s goes through, and its totals add up', async (name) => {
    const counts = await countTypes(join(folder, name));
    const { result, status, told } = await load(join(folder, name), name);
    const { encounters, screenings, conditions, referrals, quarantine } = result;
    expect(encounters.pulled).toBe(counts.get('Encounter') ?? 0);
    expect(encounters.pulled).toBe(
      encounters.coded +
        encounters.nothingToCode +
        encounters.needsPerson +
        encounters.quarantined +
        encounters.inProgress,
    );
    expect(encounters.inProgress).toBe(0);
    expect(screenings.read).toBe(
      screenings.attached + screenings.unattached + screenings.quarantined + screenings.inProgress,
    );
    expect(referrals.needed).toBe(
      Object.values(referrals.waiting).reduce((sum, n) => sum + n, 0) +
        referrals.closed +
        referrals.failed +
        referrals.withdrawn,
    );
    // All of it can be read: a reason to quarantine anything here would be a mistake of ours.
    expect(quarantine).toEqual([]);
    expect(told).not.toMatch(/operator|REMOTE_|INTERNAL/);
    expect(status).toBe(
      referrals.needed + encounters.needsPerson + screenings.needsPerson > 0 ? 3 : 0,
    );
    if (name.includes('example')) expect(conditions.created).toBeGreaterThan(0);
  });

  it.skipIf(nameOf('us-core') === '')(
    'reads a screening as a panel, as single answers and as a questionnaire once each, without an Encounter',
    async () => {
      const { result } = await load(join(folder, nameOf('us-core')), 'again');
      expect(result.screenings).toMatchObject({ attached: 0, quarantined: 0 });
      expect(result.screenings.unattached).toBe(2);
      expect(result.referrals.waiting.review).toBe(result.referrals.needed);
    },
  );

  it.skipIf(nameOf('2025') === '')(
    'takes no finding such as "full-time employment" for a need',
    async () => {
      const { result } = await load(join(folder, nameOf('2025')), 'employment');
      expect([result.conditions.created, result.referrals.needed]).toEqual([0, 0]);
    },
  );
});

async function countTypes(file: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const line of createInterface({
    input: createReadStream(file).pipe(createGunzip()),
  })) {
    if (line === '') continue;
    const { resourceType } = JSON.parse(line) as { resourceType: string };
    counts.set(resourceType, (counts.get(resourceType) ?? 0) + 1);
  }
  return counts;
}

async function load(
  file: string,
  place: string,
): Promise<{ result: RunResult; status: number; told: string }> {
  const database = await testDatabase();
  try {
    const main = fileURLToPath(new URL('../../services/cli/src/main.ts', import.meta.url));
    const env = { ...process.env, DATABASE_URL: database.url, QUEUE_URL: queueUrl(database.url) };
    const args = [
      main,
      'load',
      file,
      '--once',
      '--json',
      '--settle',
      '1s',
      '--timeout',
      '200s',
      '--port',
      '0',
      '--data-dir',
      join(scratch, place),
    ];
    return await new Promise((resolve, reject) => {
      execFile(
        process.execPath,
        args,
        { env, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => {
          if (stdout === '') return reject(new Error(stderr));
          resolve({
            result: JSON.parse(stdout) as RunResult,
            status: typeof error?.code === 'number' ? error.code : 0,
            told: stderr,
          });
        },
      );
    });
  } finally {
    await database.close();
  }
}
