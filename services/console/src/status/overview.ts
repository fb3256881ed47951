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
import type { OutcomesView } from './outcomes.ts';

/** A hold of an operator. */
export type Hold = Awaited<ReturnType<typeof holds.loadHolds>>[number];

/**
 * The overview of operations: the place of all work, what waits and for whom, what failed and why.
 * It is read from ledger and history, not from the queue.
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
  /** Notes on whole connections: lockouts with their end, missing scopes. */
  notes: ConnectionNote[];
  /** Resources that EHRs store differently than they were sent: types and names of elements. */
  altered: AlteredCount[];
};

/** The overview with the additional content of its page. */
export type OverviewView = Overview & {
  outcomes: OutcomesView;
  picture: LoopPicture;
  /** The number of failed rows of all stages. */
  failures: number;
  /** Referrals that no partner could help with. */
  withoutHelp: GateCount | undefined;
  /** Screenings that need review, and how many of them may mean danger. */
  attention: { all: number; danger: number };
  isRefreshing: boolean;
  /** Whether the reader may open the pages of reviewers. */
  mayReview: boolean;
};

/**
 * Reads the overview in a fixed number of queries, with at most a hundred failed rows, the oldest
 * ones.
 */
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

/** Returns the overview as the API gives it, with instants in RFC 3339. */
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

/** Returns a hold as the API gives it. */
export const holdJson = ({ scope, principal, at, reason }: Hold) => ({
  scope,
  principal,
  at: at.toISOString(),
  reason,
});
