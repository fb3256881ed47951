/**
 * The seven stages of one Encounter's journey. Queues, workers, console and docs derive from this
 * table. `pure` stages are one transaction; `io` stages hold a lease while they talk to someone
 * else. `clocked` stages come due by the clock as well (polls, deadlines), without a nudge.
 */
export const stages = {
  pull: {
    kind: 'io',
    service: 'intake',
    clocked: true,
  },
  screen: {
    kind: 'pure',
    service: 'enrichment',
    clocked: false,
  },
  code: {
    kind: 'pure',
    service: 'enrichment',
    clocked: false,
  },
  refer: {
    kind: 'io',
    service: 'referral',
    clocked: false,
  },
  track: {
    kind: 'io',
    service: 'referral',
    clocked: true,
  },
  close: {
    kind: 'pure',
    service: 'referral',
    clocked: false,
  },
  'write-back': {
    kind: 'io',
    service: 'intake',
    clocked: false,
  },
} as const satisfies Record<string, { kind: 'pure' | 'io'; service: string; clocked: boolean }>;

export type Stage = keyof typeof stages;
export const stageNames = Object.keys(stages) as Stage[];

/** Whose servers a stage talks to: who holds its work up while they are slow or away. */
const others: Readonly<Record<string, 'ehr' | 'partner'>> = {
  pull: 'ehr',
  'write-back': 'ehr',
  refer: 'partner',
  track: 'partner',
};

/** Whoever holds up work of a stage that needs the answer of a server; us where it needs none. */
export const heldUpBy = (stage: string): 'ehr' | 'partner' | 'worker' => others[stage] ?? 'worker';

export const pureStages = stageNames.filter((name) => stages[name].kind === 'pure');
