import { wire } from '@loopwell/enrichment';
import { newId, silentLog } from '@loopwell/kit';
import { ledger, migrate, readRunTotals } from '@loopwell/store';
import { testDatabase } from '@loopwell/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../services/cli/src/lifecycle/free-port.ts';
import { duplicatesOf, tasksAtPartners } from './counting.ts';
import { type Harness, openHarness, until } from './harness.ts';
import { hungryPeople, pantryDirectory } from './population.ts';

const pantry = 'northside-food';

/** People by their Patient id in the EHR. */
async function personOf(harness: Harness, patient: string): Promise<string> {
  const { rows } = await harness.db.query<{ person: string }>(
    "select person from ehr_resource where type = 'Patient' and source_id = $1",
    [patient],
  );
  return rows[0]?.person ?? '';
}

describe('one poisoned item among a hundred', () => {
  let opened: Harness | undefined;
  afterEach(async () => {
    await opened?.close();
    opened = undefined;
  });

  it('holds up none of the other 99, in a page that is pulled, in a batch that is coded and in a batch that is sent', {
    timeout: 300_000,
  }, async () => {
    const scratch = await testDatabase();
    await migrate(scratch.url);
    const harness = await openHarness({
      ehrs: { clinic: hungryPeople(100) },
      partners: [{ name: pantry, behavior: 'silent', stepMs: 500 }],
      directory: pantryDirectory,
      database: scratch,
    });
    opened = harness;
    // Rows that PostgreSQL refuses: a page's Encounter, one person's screening, and another one's
    // receipt.
    await harness.db.query(
      "alter table ehr_resource add constraint poison check (source_id <> 'hungry-7-visit')",
    );
    await harness.db.query(`create function poisoned() returns trigger language plpgsql as $$ begin
        if exists (select 1 from ehr_resource where person = new.person and source_id = tg_argv[0]) then raise exception 'poison for %', new.person; end if;
        return new; end $$`);
    await harness.db.query(
      "create trigger poison before insert on screening for each row execute function poisoned('hungry-20')",
    );
    await harness.db.query(
      "create trigger poison before insert on receipt for each row execute function poisoned('hungry-33')",
    );
    await harness.startWorker({ port: await freePort(), acceptByMs: 600_000, leaseMs: 20_000 })
      .ready;
    await until(
      '98 Tasks are at the partner',
      async () => (await tasksAtPartners(harness, [pantry])).length === 98,
      100_000,
    );
    const tasks = await tasksAtPartners(harness, [pantry]);
    expect(duplicatesOf(tasks)).toEqual([]);
    const totals = await harness.db.tx((tx) => readRunTotals(tx, 'default'));
    expect(totals.quarantine).toEqual([
      { code: 'refused-by-database', count: 1, example: 'Encounter/hungry-7-visit' },
    ]);
    const { rows } = await harness.db.query<{ stage: string; person: string; error_code: string }>(
      'select stage, person, error_code from ledger where error_code is not null order by stage',
    );
    expect(rows).toEqual([
      { stage: 'refer', person: await personOf(harness, 'hungry-33'), error_code: 'INTERNAL' },
      { stage: 'screen', person: await personOf(harness, 'hungry-20'), error_code: 'INTERNAL' },
    ]);
  });

  it('holds up none of the others when a record cannot even be read back', {
    timeout: 240_000,
  }, async () => {
    const harness = await openHarness({
      ehrs: { clinic: hungryPeople(10) },
      partners: [{ name: pantry, behavior: 'silent', stepMs: 500 }],
      directory: pantryDirectory,
    });
    opened = harness;
    const worker = harness.startWorker({ port: await freePort() });
    await worker.ready;
    await until(
      'everybody is coded',
      async () => (await harness.db.query('select 1 from referral')).rows.length === 10,
    );
    await worker.kill();
    const torn = await personOf(harness, 'hungry-3');
    await harness.db.query(
      "update ehr_resource set body = '{torn' where person = $1 and type = 'QuestionnaireResponse'",
      [torn],
    );
    const { rows: people } = await harness.db.query<{ person: string }>(
      "select person from ehr_resource where type = 'Patient'",
    );
    const batch = newId();
    const started = new Date();
    await harness.db.tx((tx) =>
      ledger.due(
        tx,
        people.map(({ person }) => ({
          tenant: 'default',
          stage: 'screen',
          subject: person,
          person,
          batch,
          trace: newId(),
        })),
      ),
    );
    const [screen] = wire(
      { batch: 100, concurrency: 1 },
      { db: harness.db, nudge: async () => {}, log: silentLog },
    ).works;
    await screen?.work({ batch });
    const { rows: left } = await harness.db.query<{
      subject: string;
      attempts: number;
      error_code: string;
    }>("select subject, attempts, error_code from ledger where stage = 'screen'");
    expect(left).toEqual([{ subject: torn, attempts: 1, error_code: 'INTERNAL' }]);
    const { rows: done } = await harness.db.query(
      "select distinct subject from history where stage = 'screen' and outcome = 'screened' and at >= $1",
      [started],
    );
    expect(done).toHaveLength(9);
  });
});
