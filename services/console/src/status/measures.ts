import type { Measure } from '@loopwell/http';
import {
  type Count,
  type Database,
  type Gauge,
  gauges,
  operations,
  readSnapshot,
} from '@loopwell/store';

/** Names of the counts in Prometheus, with their labels. */
const names = {
  ledger: {
    name: 'loopwell_ledger_rows',
    help: 'Rows of the ledger by stage and who they wait for',
    labels: ['stage', 'waits_for'],
  },
  failed: {
    name: 'loopwell_ledger_failed_rows',
    help: 'Rows that failed and are tried again or wait for an operator',
    labels: ['stage', 'code'],
  },
  referral: {
    name: 'loopwell_referrals',
    help: 'Referrals by state and gate',
    labels: ['state', 'gate'],
  },
  overdue: {
    name: 'loopwell_referrals_overdue',
    help: 'Referrals that nobody could help with and about which no person has decided in time',
    labels: ['gate'],
  },
  receipt: {
    name: 'loopwell_receipts',
    help: 'Side effects by state of their receipt',
    labels: ['state'],
  },
  history: {
    name: 'loopwell_history_lines',
    help: 'What happened, by stage and outcome; only grows',
    labels: ['stage', 'outcome'],
  },
  'write-back': {
    name: 'loopwell_ehr_copies',
    help: 'Resources that the EHR is to hold, by state',
    labels: ['state'],
  },
  quarantine: {
    name: 'loopwell_quarantined_resources',
    help: 'What could not be read, by type and reason',
    labels: ['type', 'code'],
  },
  task: {
    name: 'loopwell_live_tasks',
    help: 'Live Tasks by partner and status',
    labels: ['partner', 'status'],
  },
  owed: {
    name: 'loopwell_ledger_oldest_due_seconds',
    help:
      'For how long the oldest work has been due and not achieved, by who holds it ' +
      'up: worker, ehr or partner',
    labels: ['stage', 'waits_for'],
  },
  'read-up-to': {
    name: 'loopwell_ehr_read_up_to_seconds',
    help:
      'How long ago a type of an EHR was last read to the end; of the patient ' +
      'furthest behind where it is read by patient',
    labels: ['connection', 'type'],
  },
  unanswered: {
    name: 'loopwell_ehr_unanswered_seconds',
    help: 'For how long no page of a type has come from an EHR; an empty page counts',
    labels: ['connection', 'type'],
  },
  gate: {
    name: 'loopwell_gate_oldest_seconds',
    help: 'For how long the oldest referral has stood at a gate',
    labels: ['gate'],
  },
  accepted: {
    name: 'loopwell_accepted_task_oldest_seconds',
    help: 'How long ago a partner took the oldest Task that it has not ended',
    labels: ['partner'],
  },
  hold: {
    name: 'loopwell_hold_oldest_seconds',
    help: 'For how long the oldest hold has stood, by what it holds',
    labels: ['kind'],
  },
  'danger-people': {
    name: 'loopwell_danger_people',
    help: 'People who may be in danger and about whom a person has still to act',
    labels: [],
  },
  'danger-oldest': {
    name: 'loopwell_danger_oldest_seconds',
    help: 'For how long the first of them has waited; 0 where nobody waits',
    labels: [],
  },
  'duty-alerts': {
    name: 'loopwell_duty_alerts',
    help: 'Alerts that nobody on duty was told of (untold), or was told of and has not taken (untaken)',
    labels: ['state'],
  },
  'duty-oldest': {
    name: 'loopwell_duty_alert_oldest_seconds',
    help: 'Age of the oldest of these alerts; 0 where there is none',
    labels: ['state'],
  },
} as const satisfies Record<
  Count['kind'] | Gauge['kind'],
  { name: string; help: string; labels: readonly string[] }
>;

/**
 * Reads the numbers of `GET /metrics`: the ledger, the EHRs, the partners, and the queries of this
 * process.
 */
export async function readMeasures(
  db: Database,
  tenant: string,
  today: string,
): Promise<Measure[]> {
  // All numbers of a scrape come from one snapshot.
  const numbers = await readSnapshot(db, async (tx) => {
    return [
      ...(await operations.readCounts(tx, tenant, today)),
      ...(await gauges.readGauges(tx, tenant, today)),
    ];
  });
  const rows = numbers.map(({ kind, a, b, n }) => {
    const { name, help, labels } = names[kind];
    return {
      name,
      help,
      labels: Object.fromEntries(labels.map((label, index) => [label, index === 0 ? a : b])),
      amount: n,
    };
  });
  return [
    ...rows,
    {
      name: 'loopwell_database_queries',
      help: 'Queries of this process since it started',
      amount: db.counters.queries,
    },
    {
      name: 'loopwell_database_commits',
      help: 'Commits of this process since it started',
      amount: db.counters.commits,
    },
  ];
}
