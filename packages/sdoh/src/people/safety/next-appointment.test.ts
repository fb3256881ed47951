import { describe, expect, it } from 'vitest';
import { nextAppointment } from './next-appointment.ts';

const now = new Date('2026-11-28T15:00:00Z');
const encounter = (start: unknown, status = 'planned') =>
  JSON.stringify({ resourceType: 'Encounter', status, period: { start } });
const booked = (start: string, status = 'booked') =>
  JSON.stringify({
    resourceType: 'Appointment',
    status,
    start,
    participant: [
      { actor: { reference: 'Practitioner/p', display: 'Dr. Lee' } },
      { actor: { reference: 'Location/l', display: 'Lake Clinic' } },
    ],
  });
const typed = (day: string) => ({ at: new Date(`${day}T15:00:00Z`), place: 'Lab' });

describe('the next appointment', () => {
  it.each<[string, string[], ReturnType<typeof typed>[], object | undefined]>([
    ['is none where nothing is known', [], [], undefined],
    [
      'is the earliest that the EHR has, also when another was typed in',
      [encounter('2026-12-05T15:00:00Z'), booked('2026-12-03T15:00:00Z')],
      [typed('2026-12-01')],
      { at: new Date('2026-12-03T15:00:00Z'), place: 'Lake Clinic', source: 'ehr' },
    ],
    [
      'is the one that was typed in where the EHR has none',
      [encounter('2026-12-05T15:00:00Z', 'finished')],
      [typed('2026-12-01')],
      { at: new Date('2026-12-01T15:00:00Z'), place: 'Lab', source: 'typed' },
    ],
    ['is not in the past', [encounter('2026-11-20T15:00:00Z')], [typed('2026-11-27')], undefined],
    ['is not one that was cancelled', [booked('2026-12-03T15:00:00Z', 'cancelled')], [], undefined],
    ['is not one whose time cannot be read', [encounter('soon'), encounter(7)], [], undefined],
  ])('%s', (_, bodies, entered, expected) => {
    const read = nextAppointment(bodies, entered, now);
    if (expected === undefined) expect(read).toBeUndefined();
    else expect(read).toMatchObject(expected);
  });
});
