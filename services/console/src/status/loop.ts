import type { Stage } from '@loopwell/pipeline';
import type { GateCount, StageStatus } from '@loopwell/store';

/** One stage in the picture of the loop. */
export type LoopStage = {
  stage: Stage;
  x: number;
  y: number;
  waiting: number;
  active: number;
  failed: number;
  perMinute: number;
};

export type Loop = {
  stages: LoopStage[];
  /** What waits for people between coding and referring, at its gates. */
  gates: number;
  atPartners: number;
  closed: number;
  /** The picture in one sentence, for who does not see it. */
  says: string;
};

/** Centres on a canvas of 1000 × 300: out along the top, to the partners on the right, and back along the bottom. */
const places: Readonly<Record<Stage, readonly [x: number, y: number]>> = {
  pull: [206, 62],
  screen: [350, 62],
  code: [494, 62],
  refer: [752, 62],
  track: [752, 238],
  close: [510, 238],
  'write-back': [274, 238],
};

/**
 * What the picture of the loop shows. `waiting` is what is in a worker's or the EHR's hands at that stage; what waits for a
 * reviewer or an operator before `refer` is drawn at the gates, and what a partner has is drawn at the partners.
 */
export function loopOf(
  stages: readonly StageStatus[],
  gates: readonly GateCount[],
  referrals: { partner: number; closed: number },
): Loop {
  const drawn = stages.map((one): LoopStage => {
    const stage = one.stage as Stage;
    const [x, y] = places[stage];
    return {
      stage,
      x,
      y,
      waiting: one.waiting.worker,
      active: one.active,
      failed: one.failed,
      perMinute: one.donePerMinute,
    };
  });
  const atGates = gates
    .filter((one) => one.gate !== 'partner')
    .reduce((sum, one) => sum + one.count, 0);
  const parts = drawn.map(
    (one) =>
      `${one.stage}: ${one.waiting} waiting, ${one.active} active, ${one.failed} failed, ${one.perMinute} done in the last minute`,
  );
  const says = `${parts.join('; ')}. ${atGates} referrals at a gate, ${referrals.partner} at partners, ${referrals.closed} loops closed.`;
  return {
    stages: drawn,
    gates: atGates,
    atPartners: referrals.partner,
    closed: referrals.closed,
    says,
  };
}
