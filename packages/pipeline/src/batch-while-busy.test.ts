import { describe, expect, it } from 'vitest';
import { batchWhileBusy } from './batch-while-busy.ts';

describe('pages that are ready at the same time', () => {
  it('are saved in one go, and those that arrive meanwhile in the next', async () => {
    const saved: string[][] = [];
    const save = batchWhileBusy<string>(async (some) => {
      saved.push([...some]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
    const first = [save('Patient'), save('Encounter')];
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([...first, save('Goal'), save('Consent')]);
    expect(saved).toEqual([
      ['Patient', 'Encounter'],
      ['Goal', 'Consent'],
    ]);
  });

  it('fail alone when one of them cannot be saved, and later ones go on', async () => {
    const saved: string[] = [];
    const save = batchWhileBusy<string>(async (some) => {
      if (some.includes('poison')) throw new Error('refused');
      saved.push(...some);
    });
    const ended = await Promise.allSettled([save('Patient'), save('poison'), save('Encounter')]);
    await save('Goal');
    expect(ended.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(saved).toEqual(['Patient', 'Encounter', 'Goal']);
  });
});
