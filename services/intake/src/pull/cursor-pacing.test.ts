import { describe, expect, it } from 'vitest';
import { createPace } from './cursor-pacing.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));

describe('lanes that are read at the same time', () => {
  it('let the one that is ahead wait until the others have come as far', async () => {
    const pace = createPace(60_000);
    pace.enter('clinic', 'Patient');
    pace.enter('clinic', 'Encounter');
    const told: string[] = [];
    const ahead = pace.keep('clinic', 'Patient', at(10)).then(() => told.push('Patient goes on'));
    await pace.keep('clinic', 'Encounter', at(5));
    told.push('Encounter goes on');
    await pace.keep('clinic', 'Encounter', at(10));
    await ahead;
    expect(told).toEqual(['Encounter goes on', 'Patient goes on']);
  });

  it('wait no longer for one that has come to its end', async () => {
    const pace = createPace(60_000);
    pace.enter('clinic', 'Patient');
    pace.enter('clinic', 'Goal');
    const ahead = pace.keep('clinic', 'Patient', at(10));
    pace.leave('clinic', 'Goal');
    await ahead;
    expect.assertions(0);
  });

  it('do not wait for another EHR, nor for ever', async () => {
    const pace = createPace(5);
    pace.enter('clinic', 'Patient');
    pace.enter('hospital', 'Patient');
    await pace.keep('clinic', 'Patient', at(10));
    pace.enter('clinic', 'Encounter');
    await pace.keep('clinic', 'Patient', at(20));
    expect.assertions(0);
  });
});
