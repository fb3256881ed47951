import type { Script } from '@loopwell/sandbox';
import type { Accounts } from '@loopwell/store';

/** Where the accounts differ from what the sandbox's script says must come of its people. */
export function differences(script: Script, accounts: Accounts): string[] {
  const wrong: string[] = [];
  const compare = (name: string, wanted: number, got: number) => {
    if (wanted !== got) wrong.push(`${name}: ${got} instead of ${wanted}`);
  };
  for (const [place, wanted] of Object.entries(script.encounters)) {
    compare(
      `encounters.${place}`,
      wanted,
      accounts.encounters[place as keyof Script['encounters']],
    );
  }
  compare('encounters.inProgress', 0, accounts.encounters.inProgress);
  compare('referrals.needed', script.referrals.needed, accounts.referrals.needed);
  compare('referrals.closed', script.referrals.closed, accounts.referrals.closed);
  compare('referrals.failed', script.referrals.failed, accounts.referrals.failed);
  for (const [gate, got] of Object.entries(accounts.referrals.waiting))
    compare(`referrals.waiting.${gate}`, script.referrals.waiting[gate] ?? 0, got);
  compare('writeBack.waiting', 0, accounts.writeBack.waiting);
  compare('writeBack.refused', 0, accounts.writeBack.refused);
  return wrong;
}
