/**
 * The table of the seven stages of one Encounter's journey. Queues, workers, console and docs
 * derive from this table. `pure` stages are one transaction; `io` stages hold a lease while they
 * talk to another server. `clocked` stages come due by the clock as well (polls, deadlines),
 * without a nudge.
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
/** The names of the stages, in the order of the journey. */
export const stageNames = Object.keys(stages) as Stage[];

/** The server that each stage talks to, which holds its work up while it is slow or away. */
const others: Readonly<Record<string, 'ehr' | 'partner'>> = {
  pull: 'ehr',
  'write-back': 'ehr',
  refer: 'partner',
  track: 'partner',
};

/**
 * Returns who holds up the work of a stage that needs the answer of a server; the worker where it
 * needs none.
 */
export const heldUpBy = (stage: string): 'ehr' | 'partner' | 'worker' => others[stage] ?? 'worker';

/** The names of the pure stages. */
export const pureStages = stageNames.filter((name) => stages[name].kind === 'pure');
