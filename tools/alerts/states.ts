/**
 * Numbers as Prometheus has them: series to values in promtool's notation, one a minute. Null takes
 * a series away.
 */
type Numbers = Readonly<Record<string, string | null>>;

/**
 * What Loopwell may be in, after how long, and every alert that fires then: `name{labels}`. All
 * others are silent.
 */
export type State = {
  says: string;
  numbers: Numbers;
  after: string;
  fires: readonly string[];
};

const always = (value: number) => `${value}x2000`;
const grows = '0+60x2000';
const due = (stage: string, waitsFor: string) =>
  `loopwell_ledger_oldest_due_seconds{stage="${stage}",waits_for="${waitsFor}"}`;
const unanswered = (type: string) =>
  `loopwell_ehr_unanswered_seconds{connection="north",type="${type}"}`;
const readUpTo = (type: string) =>
  `loopwell_ehr_read_up_to_seconds{connection="north",type="${type}"}`;
const gate = (name: string) => `loopwell_gate_oldest_seconds{gate="${name}"}`;
const console = 'up{job="loopwell",instance="console:8080"}';
const clock = 'loopwell_clock_difference_seconds{instance="console:8080"}';
const history = (stage: string, outcome: string) =>
  `loopwell_history_lines{stage="${stage}",outcome="${outcome}"}`;
const failed = 'loopwell_ledger_failed_rows{stage="code",code="RESOURCE_INVALID"}';
const slow = 'loopwell_longest_request_seconds{receiver="https://ehr.example"}';
const intended = 'loopwell_receipts{state="intended"}';
const refused = 'loopwell_ehr_copies{state="refused"}';
const [day, hour] = [86_400, 3_600];

/** A night in which nobody comes: each EHR answers with empty pages, and nothing is late. */
export const quietNight: Numbers = {
  [console]: always(1),
  [clock]: always(0.1),
  [due('pull', 'worker')]: always(0),
  [due('pull', 'ehr')]: always(12),
  [due('code', 'worker')]: always(2),
  [due('refer', 'worker')]: always(0),
  [due('refer', 'partner')]: always(0),
  [due('track', 'partner')]: always(20),
  [due('write-back', 'ehr')]: always(0),
  [history('pull', 'pulled')]: always(500),
  [history('code', 'coded')]: always(900),
  [unanswered('Encounter')]: always(45),
  [unanswered('Observation')]: always(50),
  [readUpTo('Encounter')]: always(70),
  [readUpTo('Observation')]: always(75),
  'loopwell_quarantined_resources{type="Observation",code="missing-subject"}': always(300),
  'loopwell_ehr_copies{state="done"}': always(4_000),
  [refused]: always(3),
  [slow]: always(0),
  'loopwell_receipts{state="settled"}': always(2_000),
  'loopwell_accepted_task_oldest_seconds{partner="pantry"}': always(7 * day),
  loopwell_danger_people: always(0),
  loopwell_danger_oldest_seconds: always(0),
  'loopwell_duty_alerts{state="untold"}': always(0),
  'loopwell_duty_alerts{state="untaken"}': always(0),
  'loopwell_duty_alert_oldest_seconds{state="untold"}': always(0),
  'loopwell_duty_alert_oldest_seconds{state="untaken"}': always(0),
  [gate('review')]: always(8 * hour),
  [gate('hold')]: always(hour),
  [gate('noPartner')]: always(hour),
  [gate('withoutHelp')]: always(6 * day),
  'loopwell_referrals_overdue{gate="withoutHelp"}': always(0),
  'loopwell_hold_oldest_seconds{kind="partner"}': always(hour),
  redis_memory_used_bytes: always(10),
  redis_memory_max_bytes: always(100),
  pg_stat_activity_count: always(20),
  pg_settings_max_connections: always(100),
};

const state = (says: string, after: string, numbers: Numbers, ...fires: string[]): State => ({
  says,
  after,
  numbers,
  fires,
});
const notRead = 'LoopwellEhrNotRead{connection="north",severity="page"}';
const page = (name: string, labels = '') => `${name}{${labels}${labels ? ',' : ''}severity="page"}`;
const ticket = (name: string, labels = '') =>
  `${name}{${labels}${labels ? ',' : ''}severity="ticket"}`;
const down = {
  [due('pull', 'ehr')]: grows,
  [unanswered('Encounter')]: grows,
  [unanswered('Observation')]: grows,
};
const noAges = [unanswered, readUpTo].flatMap((age) =>
  ['Encounter', 'Observation'].map((type) => [age(type), null]),
);
const noNumbers = Object.keys(quietNight).flatMap((name) =>
  name.startsWith('loopwell_ledger_oldest_due') ? [[name, null]] : [],
);

export const states: readonly State[] = [
  state('a quiet night', '10h', {}),
  state('an EHR is down', '2h', down, notRead),
  state(
    'an EHR refuses one type and answers for the others',
    '2h',
    { [unanswered('Observation')]: grows },
    notRead,
  ),
  state('an EHR was away for twenty minutes', '40m', {
    ...down,
    [unanswered('Encounter')]: '0+60x20 30x600',
    [unanswered('Observation')]: '0+60x20 30x600',
  }),
  state('the first reading of a large EHR takes ten hours', '10h', {
    [due('pull', 'worker')]: grows,
    [readUpTo('Encounter')]: grows,
  }),
  state(
    'the worker that pulls has stopped',
    '2h',
    { ...down, [due('pull', 'ehr')]: always(0), [due('pull', 'worker')]: grows },
    notRead,
  ),
  state(
    'one patient has not been read for a day, the others are',
    '26h',
    { [readUpTo('Observation')]: grows },
    ticket('LoopwellReadingBehind', 'connection="north",type="Observation"'),
  ),
  state('a connection is paused', '5h', Object.fromEntries(noAges)),
  state(
    'an EHR takes nothing that is written',
    '2h',
    { [due('write-back', 'ehr')]: grows },
    ticket('LoopwellEhrAway', 'stage="write-back"'),
  ),
  state(
    'a partner is away: its own work waits',
    '2h',
    { [due('refer', 'partner')]: grows },
    ticket('LoopwellPartnerAway', 'stage="refer"'),
  ),
  state('a partner was away for half an hour', '50m', {
    [due('track', 'partner')]: '0+60x30 0x600',
  }),
  state(
    'the worker of a stage has stopped',
    '1h',
    { [due('code', 'worker')]: grows },
    page('LoopwellWorkWaits', 'stage="code"'),
    page('LoopwellNobodyWorks', 'stage="code"'),
  ),
  state(
    'a stage that never told any history stands still',
    '10m',
    { [due('refer', 'worker')]: grows },
    page('LoopwellNobodyWorks', 'stage="refer"'),
  ),
  state(
    'a long backlog moves',
    '1h',
    { [due('code', 'worker')]: grows, [history('code', 'coded')]: '0+40x2000' },
    page('LoopwellWorkWaits', 'stage="code"'),
  ),
  state('a burst is worked off within ten minutes', '30m', {
    [due('code', 'worker')]: '0+60x10 0x600',
    [history('code', 'coded')]: '0+40x2000',
  }),
  state(
    'a service does not answer',
    '20m',
    { [console]: '1x10 0x600' },
    page('LoopwellServiceDown', 'job="loopwell",instance="console:8080"'),
  ),
  state('a service is started anew', '20m', { [console]: '1x10 0x1 1x600' }),
  state(
    'the console gives no numbers',
    '20m',
    Object.fromEntries(noNumbers),
    page('LoopwellNumbersMissing'),
  ),
  state(
    'work has failed for an hour',
    '1h',
    { [failed]: always(2) },
    ticket('LoopwellFailedWork', 'stage="code",code="RESOURCE_INVALID"'),
  ),
  state('work that failed was done a moment later', '1h', { [failed]: '2x5 0x600' }),
  state(
    'a clock is off by a minute',
    '10m',
    { [clock]: always(60) },
    ticket('LoopwellClockWrong', 'instance="console:8080"'),
  ),
  state('a clock is off by four seconds', '10m', { [clock]: always(4) }),
  state(
    'somebody may be in danger, and nobody acts',
    '90m',
    { loopwell_danger_people: always(1), loopwell_danger_oldest_seconds: grows },
    page('LoopwellDangerWaits'),
  ),
  state('dangers are seen within the hour, one after the other', '10h', {
    loopwell_danger_people: always(3),
    loopwell_danger_oldest_seconds: always(1_500),
  }),
  state(
    'nobody on duty can be told',
    '20m',
    {
      'loopwell_duty_alerts{state="untold"}': always(1),
      'loopwell_duty_alert_oldest_seconds{state="untold"}': grows,
    },
    page('LoopwellNobodyTold'),
  ),
  state(
    'people on duty are told, and nobody takes it',
    '1h',
    {
      'loopwell_duty_alerts{state="untaken"}': always(1),
      'loopwell_duty_alert_oldest_seconds{state="untaken"}': grows,
    },
    page('LoopwellNobodyTakes'),
  ),
  state('each alert is told at once and taken within the half hour', '10h', {
    'loopwell_duty_alerts{state="untaken"}': always(2),
    'loopwell_duty_alert_oldest_seconds{state="untaken"}': always(1_200),
    'loopwell_duty_alert_oldest_seconds{state="untold"}': always(10),
  }),
  state(
    'a referral has stood at review for four days',
    '1h',
    { [gate('review')]: always(4 * day) },
    ticket('LoopwellGateOld', 'gate="review"'),
  ),
  state(
    'a need has had no partner for two days',
    '1h',
    { [gate('noPartner')]: always(2 * day) },
    ticket('LoopwellNoPartner'),
  ),
  state(
    'nobody decides about what nobody could help with',
    '1h',
    { 'loopwell_referrals_overdue{gate="withoutHelp"}': always(2) },
    ticket('LoopwellNobodyDecides'),
  ),
  state(
    'a referral has been held for two days',
    '1h',
    { [gate('hold')]: always(2 * day) },
    ticket('LoopwellReferralsHeld'),
  ),
  state(
    'a hold has stood for two days, though nothing waits for it',
    '1h',
    { 'loopwell_hold_oldest_seconds{kind="partner"}': always(2 * day) },
    ticket('LoopwellHoldStands', 'kind="partner"'),
  ),
  state(
    'a partner took a Task fifteen days ago',
    '1h',
    { 'loopwell_accepted_task_oldest_seconds{partner="pantry"}': always(15 * day) },
    ticket('LoopwellAcceptedTaskOld', 'partner="pantry"'),
  ),
  state(
    'a server lets requests wait',
    '2h',
    { [slow]: '0x60 25x600' },
    ticket('LoopwellReceiverSlow', 'receiver="https://ehr.example"'),
  ),
  state('a server was slow once', '70m', { [slow]: '0x60 25x3 0x600' }),
  state('a send has no outcome', '90m', { [intended]: always(1) }, page('LoopwellSendUnknown')),
  state('sends are out, and come to an end', '90m', { [intended]: '1x20 0x5 2x20 0x600' }),
  state(
    'what was never quarantined before is, often',
    '250m',
    { 'loopwell_quarantined_resources{type="Condition",code="no-code"}': '_x240 50x600' },
    ticket('LoopwellQuarantineGrows', 'type="Condition",code="no-code"'),
  ),
  state(
    'the EHR refuses something for the first time',
    '250m',
    { [refused]: '_x240 1x600' },
    ticket('LoopwellWriteBackRefused'),
  ),
  state(
    'Redis is nearly full',
    '1h',
    { redis_memory_used_bytes: always(90) },
    page('LoopwellRedisFull'),
  ),
  state(
    'connections of PostgreSQL run out',
    '1h',
    { pg_stat_activity_count: always(95) },
    page('LoopwellConnectionsRunOut'),
  ),
];
