import type { Script } from '@loopwell/sandbox';
import type { RunTotals } from '@loopwell/store';

/** Lists where the totals differ from what the sandbox's script says must come of its people. */
export function differences(script: Script, totals: RunTotals): string[] {
  const wrong: string[] = [];
  const compare = (name: string, wanted: number, got: number) => {
    if (wanted !== got) wrong.push(`${name}: ${got} instead of ${wanted}`);
  };
  for (const [place, wanted] of Object.entries(script.encounters)) {
    compare(`encounters.${place}`, wanted, totals.encounters[place as keyof Script['encounters']]);
  }
  compare('encounters.inProgress', 0, totals.encounters.inProgress);
  compare('referrals.needed', script.referrals.needed, totals.referrals.needed);
  compare('referrals.closed', script.referrals.closed, totals.referrals.closed);
  compare('referrals.failed', script.referrals.failed, totals.referrals.failed);
  for (const [gate, got] of Object.entries(totals.referrals.waiting))
    compare(`referrals.waiting.${gate}`, script.referrals.waiting[gate] ?? 0, got);
  compare('writeBack.waiting', 0, totals.writeBack.waiting);
  compare('writeBack.refused', 0, totals.writeBack.refused);
  return wrong;
}
