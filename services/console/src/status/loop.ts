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

/** The content of the picture of the loop. */
export type LoopPicture = {
  stages: LoopStage[];
  /** Referrals that wait for people at the gates between coding and referring. */
  gates: number;
  atPartners: number;
  closed: number;
};

/**
 * Centers of the stages on a canvas of 1000 × 300: out along the top, to the partners on the right,
 * and back along the bottom.
 */
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
 * Returns the content of the picture of the loop. `waiting` is the work of a stage that waits for a
 * worker. Referrals that wait for a reviewer or an operator before `refer` are counted at the
 * gates, and Tasks that a partner has at the partners.
 */
export function pictureOf(
  stages: readonly StageStatus[],
  gates: readonly GateCount[],
  referrals: { partner: number; closed: number },
): LoopPicture {
  const beforePartners = gates.filter(({ gate }) => gate !== 'partner');
  return {
    stages: stages.map(drawn),
    gates: beforePartners.reduce((sum, gate) => sum + gate.count, 0),
    atPartners: referrals.partner,
    closed: referrals.closed,
  };
}

function drawn({ stage: name, waiting, active, failed, donePerMinute }: StageStatus): LoopStage {
  const stage = name as Stage;
  const [x, y] = places[stage];
  return { stage, x, y, waiting: waiting.worker, active, failed, perMinute: donePerMinute };
}
