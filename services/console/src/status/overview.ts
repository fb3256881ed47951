import type { components } from '@loopwell/openapi/generated/console.ts';
import {
  type AlteredCount,
  altered,
  type ConnectionNote,
  type CursorStatus,
  connectionNotes,
  type GateCount,
  gaps,
  holds,
  operations,
  type ParkedRow,
  type PartnerStatus,
  type QuarantineCount,
  type Refusal,
  type StageStatus,
  status,
  type Tx,
  type Unread,
} from '@loopwell/store';
import { factsOf } from '../work/failure-facts.ts';
import type { LoopPicture } from './loop.ts';

/** Something that an operator has stopped. */
export type Hold = Awaited<ReturnType<typeof holds.loadHolds>>[number];

/**
 * What is where, what waits and for whom, what failed and why: read from ledger and history, not
 * from the queue.
 */
export type Overview = {
  stages: StageStatus[];
  gates: GateCount[];
  parked: ParkedRow[];
  refusals: Refusal[];
  quarantine: QuarantineCount[];
  unread: Unread[];
  lanes: CursorStatus[];
  partners: PartnerStatus[];
  holds: Hold[];
  /** Of connections as a whole: lock-outs with their end, scopes that are missing. */
  notes: ConnectionNote[];
  /** What EHRs store otherwise than it was sent: types and names of elements. */
  altered: AlteredCount[];
};

/** What the page of operations shows beside it. */
export type OverviewView = Overview & {
  picture: LoopPicture;
  /** Rows of all stages that failed. */
  failures: number;
  /** Referrals that no partner could help with. */
  withoutHelp: GateCount | undefined;
  /** Screenings that need review, and how many of them may mean danger. */
  attention: { all: number; danger: number };
  isRefreshing: boolean;
  /** The reader may open the pages of reviewers. */
  mayReview: boolean;
};

/** A fixed number of queries; the oldest hundred of what failed. */
export async function readOverview(tx: Tx, tenant: string, today?: string): Promise<Overview> {
  return {
    stages: await status.readStages(tx, tenant),
    gates: await status.readGates(tx, tenant, today),
    parked: await status.readParked(tx, tenant, 100),
    refusals: await status.readRefusals(tx, tenant),
    quarantine: await operations.readQuarantine(tx, tenant),
    unread: (await gaps.readGaps(tx, tenant)).map(gaps.unreadOf),
    lanes: await operations.readLanes(tx, tenant),
    partners: await operations.readPartners(tx, tenant),
    holds: await holds.loadHolds(tx, tenant),
    notes: await connectionNotes.readNotes(tx, tenant),
    altered: await altered.countAltered(tx, tenant),
  };
}

const instant = (at: Date | null): string | null => at?.toISOString() ?? null;

/** As the API says it: instants in RFC 3339. */
export function overviewJson(overview: Overview): components['schemas']['Status'] {
  const { quarantine, lanes, partners, refusals, unread, altered } = overview;
  return {
    ...waitingJson(overview),
    parked: overview.parked.map(parkedJson),
    refusals,
    quarantine: quarantine.map((type) => ({ ...type, oldest: type.oldest.toISOString() })),
    unread,
    lanes: lanes.map((cursor) => ({ ...cursor, upto: instant(cursor.upto) })),
    partners: partners.map((partner) => ({ ...partner, oldest: instant(partner.oldest) })),
    holds: overview.holds.map(holdJson),
    altered,
    notes: overview.notes.map(noteJson),
  };
}

const waitingJson = ({ stages, gates }: Overview) => ({
  stages: stages.map((stage) => ({ ...stage, oldestSince: instant(stage.oldestSince) })),
  gates: gates.map((gate) => ({ ...gate, oldest: gate.oldest.toISOString() })),
});

const parkedJson = ({ waits_for, facts, since, ...rest }: ParkedRow) => ({
  ...rest,
  facts: factsOf(facts),
  waitsFor: waits_for,
  since: since.toISOString(),
});

const noteJson = ({ until, at, ...rest }: ConnectionNote) => ({
  ...rest,
  until: instant(until),
  at: at.toISOString(),
});

/** A hold as the API says it. */
export const holdJson = ({ scope, principal, at, reason }: Hold) => ({
  scope,
  principal,
  at: at.toISOString(),
  reason,
});
