/**
 * The seven stages of one Encounter's journey. Queues, workers, console and docs derive from this table.
 * `pure` stages are one transaction; `io` stages hold a lease while they talk to someone else. `clocked` stages come due
 * by the clock as well (polls, deadlines), without a nudge.
 */
export const stages = {
  pull: {
    kind: 'io',
    service: 'intake',
    clocked: true,
    next: 'screen',
    says: 'reads the EHR, a closed window and a page at a time',
  },
  screen: {
    kind: 'pure',
    service: 'enrichment',
    clocked: false,
    next: 'code',
    says: 'reads screenings out of what was pulled',
  },
  code: {
    kind: 'pure',
    service: 'enrichment',
    clocked: false,
    next: 'refer',
    says: 'turns findings into coded Conditions with evidence',
  },
  refer: {
    kind: 'io',
    service: 'referral',
    clocked: false,
    next: 'track',
    says: 'asks every gate, then sends one Task to one partner',
  },
  track: {
    kind: 'io',
    service: 'referral',
    clocked: true,
    next: 'close',
    says: 'follows the Task; on decline or silence the next partner',
  },
  close: {
    kind: 'pure',
    service: 'referral',
    clocked: false,
    next: 'write-back',
    says: 'decides what the EHR should learn',
  },
  'write-back': {
    kind: 'io',
    service: 'intake',
    clocked: false,
    next: undefined,
    says: 'brings it into the EHR and reads it again',
  },
} as const satisfies Record<
  string,
  { kind: 'pure' | 'io'; service: string; clocked: boolean; next: string | undefined; says: string }
>;

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
