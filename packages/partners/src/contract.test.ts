import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { fhir4 } from '@loopwell/fhir';
import { errorRecord } from '@loopwell/kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContractPartner } from './contract.ts';
import { channels } from './index.ts';

const here = import.meta.dirname;
const folders = readdirSync(here, { withFileTypes: true }).flatMap((one) =>
  one.isDirectory() ? [one.name] : [],
);

it('the shelf has a line for every folder, and a folder for every line', () => {
  expect(Object.keys(channels).sort()).toEqual([...folders].sort());
});

/** Tasks to send: every `fixtures/*.task.json` of the folder. */
const tasksOf = (folder: string) =>
  readdirSync(join(here, folder, 'fixtures'))
    .filter((name) => name.endsWith('.task.json'))
    .map((name): [string, fhir4.Task] => [
      name,
      JSON.parse(readFileSync(join(here, folder, 'fixtures', name), 'utf8')) as fhir4.Task,
    ]);

describe.each(folders)('the channel %s', (folder) => {
  const fixtures = tasksOf(folder);
  it('brings at least one Task to send', () => expect(fixtures.length).toBeGreaterThan(0));

  describe.each(fixtures)('with %s', (_name, task) => {
    const key = `${task.id}_${folder}_request`;
    const keyed = {
      ...task,
      identifier: [{ system: 'https://clinic.example.org/loopwell', value: key }],
    };
    let partner: ContractPartner;
    beforeEach(async () => {
      const { openPartner } = (await import(join(here, folder, 'fixtures', 'partner.ts'))) as {
        openPartner: () => Promise<ContractPartner>;
      };
      partner = await openPartner();
    });
    afterEach(() => partner.close());
    const send = () => partner.channel.send(keyed, key);
    const failureOf = async (work: Promise<unknown>) =>
      errorRecord(
        await work.then(
          () => undefined,
          (error: unknown) => error,
        ),
      );

    it('is called by the name of its folder', () => expect(partner.channel.id).toBe(folder));

    it('sends it once under its key, however often it is sent, with references that can be followed', async () => {
      const first = await send();
      const second = await send();
      expect(second.remoteId).toBe(first.remoteId);
      expect(first.status).toBe('requested');
      expect(partner.received()).toHaveLength(1);
      const [received] = partner.received();
      expect([received?.focus, received?.for, received?.requester]).toEqual([
        task.focus,
        task.for,
        task.requester,
      ]);
    });

    it('sends nothing when it may not go any more', async () => {
      expect((await failureOf(partner.channel.send(keyed, key, () => false))).facts.neverSent).toBe(
        true,
      );
      expect(partner.received()).toEqual([]);
    });

    it('says so when the partner will not take it', async () => {
      partner.refuse(true);
      const { code, facts } = await failureOf(send());
      expect(code).toBe('REMOTE_REFUSED');
      expect(facts.status).toBeGreaterThanOrEqual(400);
      expect(facts.status).toBeLessThan(500);
    });

    it('does not know after a lost answer, and finds out by asking', async () => {
      partner.loseAnswer(true);
      expect((await failureOf(send())).code).toBe('OUTCOME_UNKNOWN');
      partner.loseAnswer(false);
      expect(await partner.channel.ask(keyed, key)).toMatchObject({
        kind: 'there',
        remoteId: partner.received()[0]?.id,
      });
      await send();
      expect(partner.received()).toHaveLength(1);
    });

    it('says no only of what is not there', async () => {
      expect((await partner.channel.ask(keyed, key)).kind).toBe('not-there');
      await send();
      expect(
        (
          await partner.channel.ask(
            {
              ...keyed,
              focus: { reference: 'https://loopwell.example/fhir/ServiceRequest/other' },
            },
            'other',
          )
        ).kind,
      ).toBe('not-there');
    });

    it.each(['received', 'accepted', 'in-progress', 'on-hold', 'rejected', 'completed'] as const)(
      'sees that it is %s',
      async (status) => {
        const { remoteId } = await send();
        partner.move(remoteId, status);
        expect((await partner.channel.poll([remoteId, 'nowhere'])).get(remoteId)).toMatchObject({
          kind: 'there',
          status,
        });
      },
    );

    it('tells that one is gone, and all the others as they are', async () => {
      const { remoteId } = await send();
      const answers = await partner.channel.poll([remoteId, 'nowhere']);
      expect([...answers.values()].map((one) => one.kind)).toEqual(['there', 'gone']);
      partner.forget(remoteId);
      expect((await partner.channel.poll([remoteId])).get(remoteId)).toEqual({ kind: 'gone' });
    });

    it('takes back what nobody has taken, with a reason in words', async () => {
      const { remoteId } = await send();
      expect(
        await partner.channel.cancel(remoteId, 'Not accepted in time', 'untaken'),
      ).toMatchObject({
        kind: 'cancelled',
        status: 'cancelled',
      });
      expect(partner.received()[0]).toMatchObject({
        status: 'cancelled',
        statusReason: { text: 'Not accepted in time' },
      });
    });

    it('leaves with the partner what it has taken, and recalls it all the same when it must end', async () => {
      const { remoteId } = await send();
      partner.move(remoteId, 'accepted');
      expect(
        await partner.channel.cancel(remoteId, 'Not accepted in time', 'untaken'),
      ).toMatchObject({ kind: 'kept', status: 'accepted' });
      expect(partner.received()[0]?.status).toBe('accepted');
      expect(
        await partner.channel.cancel(remoteId, 'Consent was taken back', 'open'),
      ).toMatchObject({
        kind: 'cancelled',
        status: 'cancelled',
      });
    });

    it.each(['completed', 'failed'] as const)('takes back nothing that is %s', async (status) => {
      const { remoteId } = await send();
      partner.move(remoteId, status);
      expect(await partner.channel.cancel(remoteId, 'Too late', 'open')).toMatchObject({
        kind: 'kept',
        status,
      });
    });

    it('reads what it led to', async () => {
      const { remoteId } = await send();
      partner.move(remoteId, 'completed', partner.outcomeOf(remoteId));
      const polled = (await partner.channel.poll([remoteId])).get(remoteId);
      const outputs = polled?.kind === 'there' ? await partner.channel.outputs(polled.task) : [];
      expect(outputs).toMatchObject([
        { resource: { resourceType: 'Procedure', status: 'completed' }, unread: null },
      ]);
    });

    it('tells what the partner had said when it is taken back', async () => {
      const { remoteId } = await send();
      partner.move(remoteId, 'received');
      const cancelled = await partner.channel.cancel(remoteId, 'Not accepted in time', 'untaken');
      expect(cancelled).toMatchObject({ kind: 'cancelled', task: { status: 'received' } });
    });
  });
});
