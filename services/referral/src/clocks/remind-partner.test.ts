import type { Database, TaskRow } from '@loopwell/store';
import { expect, it } from 'vitest';
import type { ReferralSettings } from '../settings.ts';
import { isReminderDue, remindPartner } from './remind-partner.ts';

const [half, end] = [new Date('2026-12-01T16:00:00Z'), new Date('2026-12-02T16:00:00Z')];
const task = {
  ...{ id: 't', live: true, status: 'requested', partner: 'pantry', channel: 'text' },
  ...{ address: 'tel:+16125550100', half_at: half, accept_by: end, reminded_at: null },
} as TaskRow;

it.each<[string, Partial<TaskRow>, Date, boolean]>([
  ['due at half of the time', {}, half, true],
  ['due for a Task that was seen', { status: 'received' }, half, true],
  ['due by e-mail', { channel: 'email', address: 'mailto:a@pantry.org' }, half, true],
  ['not due before', {}, new Date(half.getTime() - 1), false],
  ['not due once the time is over', {}, end, false],
  ['not due twice', { reminded_at: half }, half, false],
  ['not due for a Task that was taken', { status: 'accepted' }, half, false],
  ['not due for one that has ended', { live: false }, half, false],
  ['not due where no clock runs', { half_at: null }, half, false],
  ['not for a partner with a server', { channel: 'fhir-rest', address: 'https://x' }, half, false],
  ['not for the hub', { channel: 'hub', address: 'hub:pantry' }, half, false],
])('a reminder is %s', (_title, more, now, isDue) => {
  expect(isReminderDue({ ...task, ...more }, now)).toBe(isDue);
});

it('fails where nobody can be told', async () => {
  const deps = { db: {} as Database, settings: {} as ReferralSettings, tellPartner: undefined };
  expect(await remindPartner(deps, task)).toEqual({ state: 'failed', code: 'not-set-up' });
});
