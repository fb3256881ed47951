import type { Script } from '@loopwell/sandbox';
import type { RunTotals } from '@loopwell/store';

/** Lists the differences between the totals and the ones that the sandbox's script expects. */
export function differences(script: Script, totals: RunTotals): string[] {
  const { encounters, referrals, writeBack } = totals;
  const lines: string[] = [];
  const compare = (name: string, expected: number, actual: number) => {
    if (expected !== actual) lines.push(`${name}: ${actual} instead of ${expected}`);
  };
  for (const place of Object.keys(script.encounters) as (keyof Script['encounters'])[])
    compare(`encounters.${place}`, script.encounters[place], encounters[place]);
  compare('encounters.inProgress', 0, encounters.inProgress);
  for (const end of ['needed', 'closed', 'failed'] as const)
    compare(`referrals.${end}`, script.referrals[end], referrals[end]);
  for (const [gate, count] of Object.entries(referrals.waiting))
    compare(`referrals.waiting.${gate}`, script.referrals.waiting[gate] ?? 0, count);
  compare('writeBack.waiting', 0, writeBack.waiting);
  compare('writeBack.refused', 0, writeBack.refused);
  return lines;
}
