import type { Accounts } from '@loopwell/store';

/** What a run ends with: accounts and exit status (0 nothing waits; 3 something waits, is quarantined or refused). */
export type RunResult = Accounts & { durationMs: number };

export const exitStatus = { ok: 0, couldNotRun: 1, usage: 2, leftovers: 3 } as const;

/** One line for each thing that waits, is quarantined or was refused: the reasons for exit status 3. */
export function leftovers(accounts: Accounts): string[] {
  const waiting = Object.entries(accounts.referrals.waiting).map(([gate, n]) => [n, `referrals wait: ${gate}`] as const);
  const rest = [
    [accounts.encounters.inProgress, 'encounters are in progress'],
    [accounts.encounters.needsPerson, 'encounters need a person'],
    [accounts.writeBack.waiting, 'resources wait for write-back'],
    [accounts.writeBack.refused, 'resources were refused by the EHR'],
  ] as const;
  const quarantined = accounts.quarantine.map(({ code, count, example }) => [count, `quarantined: ${code}, for example ${example}`] as const);
  return [...waiting, ...rest, ...quarantined].filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
}
