import type { ReferralRow, TaskRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import type { ReferralSettings } from '../settings.ts';
import { policyFor } from './approval.ts';
import type { ConsentDecision, Gate, Partner, ReferralFacts } from './model.ts';
import { whoIsNext } from './partner-turns.ts';
import { gateOwners } from './record/gate-owners.ts';
import { decide } from './refer.ts';

const referralOf = (more: Partial<ReferralRow> = {}) =>
  ({
    id: 'r',
    state: 'waiting',
    gate: 'review',
    approval: 'approved',
    approved_by: 'person:rea',
    unambiguous: true,
    sensitive: false,
    agreement_on: null,
    agreement_source: null,
    agreement_withdrawn_at: null,
    given_up_by: null,
    ...more,
  }) as ReferralRow;

const taskOf = (more: Partial<TaskRow> = {}) =>
  ({
    id: 't1',
    partner: 'pantry',
    address: 'https://pantry.example',
    channel: 'fhir-rest',
    status: 'requested',
    live: true,
    remote_id: 'remote-1',
    reason: null,
    ...more,
  }) as TaskRow;

const pantry: Partner = {
  id: 'pantry',
  name: 'Pantry',
  address: 'https://pantry.example',
  channel: 'fhir-rest',
};
const shelter: Partner = {
  ...pantry,
  id: 'shelter',
  name: 'Shelter',
  address: 'https://shelter.example',
};
const permit: ConsentDecision = { kind: 'permit', consentId: 'c', version: '1' };
const none: ConsentDecision = { kind: 'none' };
const lapsed: ConsentDecision = { kind: 'none', lapsed: true };
const denied: ConsentDecision = { kind: 'denied' };

type Situation = Partial<ReferralFacts> & { consent?: ConsentDecision };

const factsOf = ({ consent = permit, ...more }: Situation = {}): ReferralFacts => ({
  referral: referralOf(),
  tasks: [],
  standing: 'stands',
  age: 'adult',
  whyNotYet: () => undefined,
  isConsentWithdrawnHere: false,
  sentUnder: () => undefined,
  agreement: { source: 'ServiceRequest/s', on: '2026-11-01' },
  ehrOrder: undefined,
  isOrderTakenBack: false,
  isAgreementTakenBack: false,
  consentFor: () => consent,
  scopeOf: () => undefined,
  consentDocument: () => undefined,
  partners: [pantry, shelter],
  serviceCode: { system: 's', code: '1', display: 'Help' },
  isHeld: () => false,
  ...more,
});

const settings = { send: true, approve: undefined } as ReferralSettings;

describe('gates, the first unmet one first', () => {
  // Each line shuts one gate and every later one: the first one counts.
  const shut: [Gate, (facts: ReferralFacts) => ReferralFacts][] = [
    ['review', (facts) => ({ ...facts, referral: referralOf({ approval: null }) })],
    ['agreement', (facts) => ({ ...facts, agreement: undefined })],
    ['consent', (facts) => ({ ...facts, consentFor: () => none })],
    ['noServiceCode', (facts) => ({ ...facts, serviceCode: undefined })],
    ['noPartner', (facts) => ({ ...facts, partners: [] })],
    ['hold', (facts) => ({ ...facts, isHeld: () => true })],
  ];

  it.each(shut.map(([gate], index) => [gate, index] as const))(
    '%s comes before every gate after it',
    (gate, index) => {
      const facts = shut.slice(index).reduce((one, [, close]) => close(one), factsOf());
      expect(decide(facts, { ...settings, send: false })).toEqual({ kind: 'wait', gate });
    },
  );

  it.each(shut.map(([gate, close]) => [gate, close] as const))(
    '%s alone is enough to wait',
    (gate, close) => {
      expect(decide(close(factsOf()), settings)).toEqual({ kind: 'wait', gate });
    },
  );

  it.each(['intimate-partner-violence', 'elder-abuse'])(
    'sends nothing of a need whose name tells a safety answer: %s',
    (category) => {
      const facts = factsOf({ referral: referralOf({ category }) });
      expect(decide(facts, settings)).toEqual({ kind: 'wait', gate: 'review' });
    },
  );

  it('the same need under way comes before a hold and the switch, and is looked at again', () => {
    const facts = factsOf({ isUnderWay: true, isHeld: () => true });
    const wait = { kind: 'wait', gate: 'underWay', forMs: 900_000 };
    expect(decide(facts, { ...settings, send: false })).toEqual(wait);
    expect(decide({ ...facts, consentFor: () => none }, settings)).toMatchObject({
      gate: 'consent',
    });
  });

  it('send is the last one', () =>
    expect(decide(factsOf(), { ...settings, send: false })).toEqual({
      kind: 'wait',
      gate: 'send',
    }));

  it('sends to the first partner in the order of the directory when all are open', () => {
    expect(decide(factsOf(), settings)).toMatchObject({
      kind: 'send',
      partner: { id: 'pantry' },
      consent: { consentId: 'c' },
      approvedBy: 'person:rea',
    });
  });

  it('each has somebody who can open it', () => {
    expect(gateOwners).toEqual({
      saidNo: 'reviewer',
      listGiven: 'reviewer',
      withSibling: 'reviewer',
      review: 'reviewer',
      withoutHelp: 'reviewer',
      agreement: 'reviewer',
      consent: 'reviewer',
      noServiceCode: 'reviewer',
      noPartner: 'operator',
      underWay: 'reviewer',
      hold: 'operator',
      send: 'operator',
    });
  });
});

describe('consent', () => {
  it.each<[string, ConsentDecision]>([
    ['denied', denied],
    ['missing', none],
    ['lapsed', lapsed],
    ['unclear', { kind: 'needs-person' }],
  ])('that is %s waits, and nothing is sent', (_name, consent) => {
    expect(decide(factsOf({ consent }), settings)).toEqual({ kind: 'wait', gate: 'consent' });
  });

  it('that permits waits while the EHR cannot show one that may be anybody’s; what is out stays out, and is not sent again', () => {
    expect(decide(factsOf({ whyNotYet: () => 'not read' }), settings)).toEqual({
      kind: 'wait',
      gate: 'consent',
    });
    const out = {
      tasks: [taskOf({ status: 'accepted' })],
      referral: referralOf({ state: 'partner' }),
    };
    expect(decide(factsOf({ ...out, whyNotYet: () => 'not read' }), settings)).toEqual(
      decide(factsOf(out), settings),
    );
    const task = taskOf({ status: 'intended', remote_id: null });
    const unsure = { tasks: [task] };
    expect(decide(factsOf(unsure), settings)).toEqual({ kind: 'ask', task, resend: true });
    expect(decide(factsOf({ ...unsure, whyNotYet: () => 'not read' }), settings)).toEqual({
      kind: 'ask',
      task,
      resend: false,
    });
  });

  it('that names one partner leads past the others', () => {
    const consentFor = (partner: Partner) => (partner.id === 'shelter' ? permit : none);
    expect(decide(factsOf({ consentFor }), settings)).toMatchObject({
      kind: 'send',
      partner: { id: 'shelter' },
    });
  });

  it('that names somebody who is no partner waits for consent, even without a service code', () => {
    const consentFor = (partner: Partner) => (partner.id === '' ? permit : none);
    expect(decide(factsOf({ consentFor, serviceCode: undefined }), settings)).toEqual({
      kind: 'wait',
      gate: 'consent',
    });
  });

  it.each(['noServiceCode', 'noPartner', 'hold', 'send'])(
    'taken back while the referral waited for %s withdraws it',
    (gate) => {
      expect(decide(factsOf({ referral: referralOf({ gate }), consent: none }), settings)).toEqual({
        kind: 'withdraw',
        reason: 'consent-revoked',
      });
      expect(
        decide(factsOf({ referral: referralOf({ gate }), consent: denied }), settings),
      ).toEqual({
        kind: 'withdraw',
        reason: 'consent-revoked',
      });
    },
  );

  it('run out while the referral waited stops it, and a new one lets it go on', () => {
    expect(
      decide(factsOf({ referral: referralOf({ gate: 'hold' }), consent: lapsed }), settings),
    ).toEqual({
      kind: 'wait',
      gate: 'consent',
    });
  });

  it('that was never there is waited for, not taken back', () => {
    expect(
      decide(factsOf({ referral: referralOf({ gate: 'consent' }), consent: denied }), settings),
    ).toEqual({
      kind: 'wait',
      gate: 'consent',
    });
  });

  it.each(['requested', 'received', 'accepted', 'in-progress', 'on-hold'])(
    'taken back recalls a Task that is %s',
    (status) => {
      const task = taskOf({ status });
      expect(
        decide(
          factsOf({ referral: referralOf({ state: 'partner' }), tasks: [task], consent: denied }),
          settings,
        ),
      ).toEqual({
        kind: 'recall',
        task,
        reason: 'consent-revoked',
      });
      expect(
        decide(
          factsOf({ referral: referralOf({ state: 'partner' }), tasks: [task], consent: none }),
          settings,
        ),
      ).toMatchObject({
        kind: 'recall',
      });
    },
  );

  it('run out recalls what nobody has taken, and lets a partner that is at work finish', () => {
    const at = (status: string) =>
      decide(
        factsOf({
          referral: referralOf({ state: 'partner' }),
          tasks: [taskOf({ status })],
          consent: lapsed,
        }),
        settings,
      );
    expect(at('requested')).toMatchObject({ kind: 'recall', reason: 'consent-expired' });
    expect(at('received')).toMatchObject({ kind: 'recall', reason: 'consent-expired' });
    expect(at('accepted')).toEqual({ kind: 'at-partner' });
    expect(at('in-progress')).toEqual({ kind: 'at-partner' });
  });

  it('between two partners withdraws what the second one would have got', () => {
    const tasks = [taskOf({ live: false, status: 'rejected' })];
    expect(
      decide(
        factsOf({ referral: referralOf({ state: 'partner' }), tasks, consent: denied }),
        settings,
      ),
    ).toEqual({
      kind: 'withdraw',
      reason: 'consent-revoked',
    });
  });
});

describe('agreement', () => {
  it('recorded by a reviewer is enough', () => {
    const referral = referralOf({ agreement_on: '2026-11-01', agreement_source: 'reviewer' });
    expect(decide(factsOf({ referral, agreement: undefined }), settings)).toMatchObject({
      kind: 'send',
    });
  });

  it('once brought by the EHR must still be there', () => {
    const referral = referralOf({
      agreement_on: '2026-11-01',
      agreement_source: 'Goal/g',
      gate: 'send',
    });
    expect(decide(factsOf({ referral, agreement: undefined }), settings)).toEqual({
      kind: 'wait',
      gate: 'agreement',
    });
  });

  it('taken back in the EHR withdraws what waits and recalls what is out, when it was the only one', () => {
    const taken = { agreement: undefined, isAgreementTakenBack: true };
    expect(decide(factsOf(taken), settings)).toEqual({
      kind: 'withdraw',
      reason: 'agreement-withdrawn',
    });
    expect(
      decide(factsOf({ ...taken, tasks: [taskOf({ status: 'accepted' })] }), settings),
    ).toMatchObject({
      kind: 'recall',
      reason: 'agreement-withdrawn',
    });
    expect(decide(factsOf({ isAgreementTakenBack: true }), settings)).toMatchObject({
      kind: 'send',
    });
    const referral = referralOf({ agreement_on: '2026-11-01', agreement_source: 'reviewer' });
    expect(decide(factsOf({ ...taken, referral }), settings)).toMatchObject({ kind: 'send' });
  });

  it('taken back by a reviewer ends it', () => {
    expect(
      decide(factsOf({ referral: referralOf({ agreement_withdrawn_at: new Date() }) }), settings),
    ).toEqual({
      kind: 'withdraw',
      reason: 'agreement-withdrawn',
    });
  });
});

describe('approval', () => {
  it('refused withdraws what waits and recalls what is out', () => {
    const referral = referralOf({ approval: 'refused', state: 'partner' });
    expect(decide(factsOf({ referral }), settings)).toEqual({
      kind: 'withdraw',
      reason: 'refused',
    });
    expect(decide(factsOf({ referral, tasks: [taskOf()] }), settings)).toMatchObject({
      kind: 'recall',
      reason: 'refused',
    });
  });

  it('by policy is for unambiguous needs only, and never for sensitive ones', () => {
    const byPolicy = (more: Partial<ReferralRow>) =>
      policyFor(
        referralOf({ approval: null, ...more }),
        { ...settings, approve: 'unambiguous' },
        'adult',
      );
    expect(byPolicy({})).toBe('policy:unambiguous');
    expect(policyFor(referralOf({ approval: null }), settings, 'adult')).toBeUndefined();
    expect(byPolicy({ sensitive: true })).toBeUndefined();
    expect(byPolicy({ unambiguous: false })).toBeUndefined();
    expect(byPolicy({ approval: 'refused' })).toBeUndefined();
    expect(byPolicy({ state: 'closed' })).toBeUndefined();
    expect(byPolicy({ postponed_until: '2026-12-01' })).toBeUndefined();
  });

  it('counts where a clinician has confirmed every Condition in the EHR, as long as that stands, and never for sensitive needs', () => {
    const approval = (more: Partial<ReferralRow>) =>
      policyFor(referralOf({ approval: null, confirmed: true, ...more }), settings, 'adult');
    expect(approval({ unambiguous: false })).toBe('policy:confirmed-in-ehr');
    expect([
      approval({ sensitive: true }),
      approval({ approval: 'refused' }),
      approval({ state: 'partner' }),
    ]).toEqual([undefined, undefined, undefined]);
    const approved = { approved_by: 'policy:confirmed-in-ehr', unambiguous: false };
    expect(
      decide(factsOf({ referral: referralOf({ ...approved, confirmed: true }) }), settings),
    ).toMatchObject({ kind: 'send' });
    expect(
      decide(factsOf({ referral: referralOf({ ...approved, confirmed: false }) }), settings),
    ).toEqual({
      kind: 'wait',
      gate: 'review',
    });
  });

  it.each([{ unambiguous: false }, { sensitive: true }])(
    'by policy does not outlive what it was given for (%j), unless it is out already',
    (more) => {
      const referral = referralOf({ approved_by: 'policy:unambiguous', ...more });
      expect(decide(factsOf({ referral }), settings)).toEqual({ kind: 'wait', gate: 'review' });
      expect(
        decide(
          factsOf({ referral, tasks: [taskOf({ live: false, status: 'rejected' })] }),
          settings,
        ),
      ).toMatchObject({ kind: 'send' });
      expect(decide(factsOf({ referral: referralOf(more) }), settings)).toMatchObject({
        kind: 'send',
      });
    },
  );
});

describe('what rests on restricted information', () => {
  const restricted = (more: Partial<ReferralRow> = {}) =>
    referralOf({ restriction: 'one-recipient', ...more });
  const picked = (more: Partial<ReferralRow> = {}) => restricted({ recipient: 'shelter', ...more });
  const decided = (referral: ReferralRow, more: Situation = {}) =>
    decide(factsOf({ referral, ...more }), settings);
  const review = { kind: 'wait', gate: 'review' };

  it.each<[string, Partial<ReferralRow>]>([
    ['one recipient', { restriction: 'one-recipient' }],
    ['a consent that names the partner', { restriction: 'named-consent' }],
  ])('is let go by no policy (%s)', (_name, more) => {
    const waiting = referralOf({ approval: null, approved_by: null, confirmed: true, ...more });
    expect(policyFor(waiting, { ...settings, approve: 'unambiguous' }, 'adult')).toBeUndefined();
    for (const approved_by of ['policy:unambiguous', 'policy:confirmed-in-ehr'])
      expect(decided(referralOf({ ...more, approved_by, confirmed: true }))).toEqual(review);
  });

  it.each<[string, ReferralRow]>([
    ['a person who named nobody', restricted()],
    ['a service token', picked({ approved_by: 'service:ehr-app' })],
    ['a person who named nobody, under 42CFRPart2', restricted({ restriction: 'named-consent' })],
  ])('falls back to review though it was approved by %s', (_who, referral) => {
    expect(decided(referral)).toEqual(review);
    expect(
      decided(
        { ...referral, state: 'partner' },
        { tasks: [taskOf({ live: false, status: 'rejected' })] },
      ),
    ).toEqual(review);
  });

  it('goes to the one partner that a person picked, and to nobody after it', () => {
    expect(decided(picked())).toMatchObject({ kind: 'send', partner: { id: 'shelter' } });
    const declined = taskOf({
      live: false,
      status: 'rejected',
      partner: 'shelter',
      address: shelter.address,
    });
    expect(decided(picked(), { tasks: [declined] })).toEqual({
      kind: 'wait',
      gate: 'withoutHelp',
      why: 'all-declined',
    });
    expect(decided(picked({ recipient: 'gone' }))).toEqual({ kind: 'wait', gate: 'noPartner' });
  });

  it('waits for a consent of its own under 42 CFR Part 2, whoever approved it', () => {
    const partTwo = picked({ restriction: 'named-consent' });
    const noConsent = { consentFor: () => ({ kind: 'none', lapsed: true }) as const };
    expect(decided(partTwo, noConsent)).toEqual({ kind: 'wait', gate: 'consent' });
    expect(decided(partTwo)).toMatchObject({ kind: 'send', partner: { id: 'shelter' } });
  });

  it('is not sent a second time to a partner that it may not go to any more', () => {
    const unknown = { tasks: [taskOf({ remote_id: null })] };
    expect(decided(restricted(), unknown)).toMatchObject({ kind: 'ask', resend: false });
    expect(decided(picked({ recipient: 'pantry' }), unknown)).toMatchObject({
      kind: 'ask',
      resend: true,
    });
    expect(decided(picked(), unknown)).toMatchObject({ kind: 'ask', resend: false });
  });

  it('keeps to the partner that somebody named for what is not restricted, too', () => {
    expect(decided(referralOf({ recipient: 'shelter' }))).toMatchObject({
      kind: 'send',
      partner: { id: 'shelter' },
    });
  });
});

describe('a Task that is moved here and on its way', () => {
  const decided = (referral: ReferralRow, more: Situation) =>
    decide(factsOf({ referral, ...more }), settings);
  const live = taskOf({ remote_id: null, door: 'here' });
  const withdrawn = referralOf({ agreement_withdrawn_at: new Date(0) });

  it('is sent by its way', () => {
    expect(decided(referralOf(), { tasks: [live] })).toMatchObject({ kind: 'ask', resend: true });
  });

  it('is taken back at once, whether or not its partner has been told', () => {
    expect(decided(withdrawn, { tasks: [live] })).toMatchObject({ kind: 'recall' });
    const copy = { ...live, door: 'copy' as const };
    expect(decided(withdrawn, { tasks: [copy] })).toMatchObject({ kind: 'ask', resend: false });
  });
});

describe('partners, one after the other', () => {
  const had = (...tasks: Partial<TaskRow>[]) =>
    tasks.map((one) => taskOf({ live: false, status: 'rejected', ...one }));

  it('goes to the next one after a decline', () => {
    expect(decide(factsOf({ tasks: had({}) }), settings)).toMatchObject({
      kind: 'send',
      partner: { id: 'shelter' },
    });
  });

  const inVain = had({}, { partner: 'shelter', address: shelter.address });
  const silent = had(
    { status: 'cancelled', reason: 'not-accepted-in-time' },
    {
      status: 'cancelled',
      reason: 'not-accepted-in-time',
      partner: 'shelter',
      address: shelter.address,
    },
  );

  it('leaves it to a person when every partner has had its turn', () => {
    const waits = { kind: 'wait', gate: 'withoutHelp', why: 'all-declined' };
    expect(decide(factsOf({ tasks: inVain }), settings)).toEqual(waits);
    expect(
      decide(
        factsOf({ tasks: inVain, consent: lapsed, agreement: undefined, serviceCode: undefined }),
        settings,
      ),
    ).toEqual(waits);
    expect(decide(factsOf({ tasks: silent }), settings)).toEqual({ ...waits, why: 'silent' });
  });

  it('asks a partner that is new in the directory, whoever declined before', () => {
    const rides: Partner = { ...pantry, id: 'new', address: 'https://new.example' };
    const referral = referralOf({ gate: 'withoutHelp', without_help: 'all-declined' });
    for (const tasks of [inVain, silent])
      expect(
        decide(factsOf({ referral, tasks, partners: [pantry, shelter, rides] }), settings),
      ).toMatchObject({
        kind: 'send',
        partner: { id: 'new' },
      });
  });

  it.each<[string, Partial<TaskRow>]>([
    ['partner-failed', { status: 'failed' }],
    ['cancelled-by-partner', { status: 'cancelled' }],
    ['rejected-after-acceptance', { reason: 'rejected-after-acceptance' }],
    ['person-declined', { reason: 'person-declined' }],
    ['wrong-contact', { reason: 'wrong-contact' }],
    ['unable-to-reach', { status: 'failed', reason: 'unable-to-reach' }],
    ['did-not-come', { reason: 'did-not-come' }],
  ])(
    'asks nobody further after %s: a person looks first, even where another partner is left',
    (why, task) => {
      expect(decide(factsOf({ tasks: had(task) }), settings)).toEqual({
        kind: 'wait',
        gate: 'withoutHelp',
        why,
      });
      expect(decide(factsOf({ tasks: had(task), consent: denied }), settings)).toEqual({
        kind: 'withdraw',
        reason: 'consent-revoked',
      });
    },
  );

  it.each<[string, Partial<TaskRow>]>([
    ['partner-failed', { status: 'failed' }],
    ['cancelled-by-partner', { status: 'cancelled' }],
    ['rejected-after-acceptance', { reason: 'rejected-after-acceptance' }],
    ['unable-to-reach', { status: 'failed', reason: 'unable-to-reach' }],
    ['outcome-doubted', { status: 'completed', reason: 'outcome-doubted' }],
  ])('asks the next partner after %s when a person has looked and says so', (why, task) => {
    const referral = referralOf({ asked_after: 1 });
    const facts = factsOf({ referral, tasks: had(task) });
    expect(decide(facts, settings)).toMatchObject({ kind: 'send', partner: { id: 'shelter' } });
    expect(whoIsNext(facts)).toMatchObject({ partner: { id: 'shelter' } });
    expect(
      decide(
        factsOf({ referral: { ...referral, recipient: 'rides' } as ReferralRow, tasks: had(task) }),
        settings,
      ),
    ).toMatchObject({
      kind: 'wait',
      gate: 'noPartner',
    });
    // What comes after that is looked at anew.
    const again = [
      ...had(task),
      ...had({ partner: 'shelter', address: 'https://shelter.example', status: 'failed' }),
    ];
    expect(decide(factsOf({ referral, tasks: again }), settings)).toEqual({
      kind: 'wait',
      gate: 'withoutHelp',
      why: 'partner-failed',
    });
    expect(
      decide(factsOf({ referral, tasks: had(task), partners: [pantry] }), settings),
    ).toMatchObject({ why: 'all-declined' });
    expect(decide(factsOf({ tasks: had(task) }), settings)).toMatchObject({ why });
  });

  it('asks a partner once more where somebody lets those that had their turn be asked', () => {
    const tasks = had({ status: 'rejected', reason: 'not-now' });
    const opened = referralOf({ asked_after: 1 });
    const facts = factsOf({ referral: opened, tasks, partners: [pantry] });
    expect(decide(facts, settings)).toMatchObject({ gate: 'withoutHelp', why: 'all-declined' });
    const anew = referralOf({ asked_after: 1, turns_from: 1 });
    expect(decide({ ...facts, referral: anew }, settings)).toMatchObject({
      ...{ kind: 'send', partner: { id: 'pantry' } },
    });
    // Its second turn is one.
    const again = { ...facts, referral: anew, tasks: [...tasks, ...had({ status: 'rejected' })] };
    expect(decide(again, settings)).toMatchObject({ gate: 'withoutHelp' });
  });

  it('asks the second partner that a person picks for what is restricted', () => {
    const restricted = { restriction: 'one-recipient', approved_by: 'person:rea' } as const;
    const first = referralOf({ ...restricted, recipient: 'pantry' });
    expect(
      decide(factsOf({ referral: first, tasks: had({ status: 'rejected' }) }), settings),
    ).toMatchObject({ why: 'all-declined' });
    const second = referralOf({ ...restricted, recipient: 'shelter', asked_after: 1 });
    expect(
      decide(factsOf({ referral: second, tasks: had({ status: 'rejected' }) }), settings),
    ).toMatchObject({
      partner: { id: 'shelter' },
    });
  });

  it('ends without help only when a person has said so, and not against a no', () => {
    const referral = referralOf({ gate: 'withoutHelp', given_up_by: 'person:rea' });
    expect(decide(factsOf({ referral, tasks: inVain }), settings)).toEqual({ kind: 'give-up' });
    expect(decide(factsOf({ referral, tasks: inVain, consent: denied }), settings)).toEqual({
      kind: 'withdraw',
      reason: 'consent-revoked',
    });
  });

  it('tells an Organization at one address from the same one at another', () => {
    const annex = { ...pantry, address: 'https://annex.example' };
    expect(decide(factsOf({ partners: [pantry, annex], tasks: had({}) }), settings)).toMatchObject({
      kind: 'send',
      partner: { address: 'https://annex.example' },
    });
  });

  it.each(['never-arrived', 'consent-expired'])(
    'gives one whose Task ended as %s its turn all the same',
    (reason) => {
      expect(
        decide(factsOf({ tasks: had({ status: 'cancelled', reason }) }), settings),
      ).toMatchObject({
        kind: 'send',
        partner: { id: 'pantry' },
      });
    },
  );

  it('waits for a partner when all who had a turn have left the directory', () => {
    expect(decide(factsOf({ partners: [], tasks: had({}) }), settings)).toEqual({
      kind: 'wait',
      gate: 'noPartner',
    });
  });

  it('asks nobody further once a Task is completed, though the loop is not closed yet', () => {
    expect(decide(factsOf({ tasks: had({ status: 'completed' }) }), settings)).toEqual({
      kind: 'nothing',
    });
    expect(
      decide(factsOf({ tasks: had({ status: 'completed' }), consent: denied }), settings),
    ).toEqual({ kind: 'nothing' });
  });

  it('says of a live Task whose person nobody can read that somebody has to look', () =>
    expect(decide(factsOf({ tasks: [taskOf()], standing: 'unclear' }), settings)).toEqual({
      kind: 'at-partner',
      unclear: true,
    }));

  it('leaves a live Task with its partner', () =>
    expect(decide(factsOf({ tasks: [taskOf()] }), settings)).toEqual({ kind: 'at-partner' }));

  it.each(['closed', 'failed', 'withdrawn'] as const)(
    'does nothing with a referral that is %s',
    (state) => {
      expect(decide(factsOf({ referral: referralOf({ state }) }), settings)).toEqual({
        kind: 'nothing',
      });
    },
  );
});

describe('a Task of which nobody knows whether it arrived', () => {
  const task = taskOf({ remote_id: null });

  it('is asked for, and may go again', () =>
    expect(decide(factsOf({ tasks: [task] }), settings)).toEqual({
      kind: 'ask',
      task,
      resend: true,
    }));

  it.each<[string, Situation, Partial<ReferralSettings>]>([
    ['consent is gone', { consent: none }, {}],
    ['consent has run out', { consent: lapsed }, {}],
    ['the need was refused', { referral: referralOf({ approval: 'refused' }) }, {}],
    ['sends are switched off', {}, { send: false }],
  ])('is asked for and not sent again when %s', (_name, situation, more) => {
    expect(decide(factsOf({ tasks: [task], ...situation }), { ...settings, ...more })).toEqual({
      kind: 'ask',
      task,
      resend: false,
    });
  });

  it('is left alone while sends are held, unless a no has to reach it', () => {
    expect(decide(factsOf({ tasks: [task], isHeld: () => true }), settings)).toEqual({
      kind: 'wait',
      gate: 'hold',
    });
    expect(
      decide(factsOf({ tasks: [task], isHeld: () => true, consent: denied }), settings),
    ).toEqual({ kind: 'ask', task, resend: false });
  });
});

describe('what comes while a Task is out', () => {
  const statuses = ['requested', 'received', 'accepted', 'in-progress', 'on-hold'];
  const stands = () => ({ state: 'stands' as const, since: 0 });

  it.each(statuses)(
    'a Consent beside it that nobody can read takes a Task back that is %s, and a person looks',
    (status) => {
      const consent: ConsentDecision = { kind: 'needs-person' };
      const out = factsOf({
        consent,
        sentUnder: stands,
        tasks: [taskOf({ status })],
        referral: referralOf({ state: 'partner' }),
      });
      expect(decide(out, settings)).toMatchObject({ kind: 'recall', reason: 'consent-unclear' });
      const back = [taskOf({ status: 'cancelled', live: false, reason: 'consent-unclear' })];
      expect(decide({ ...out, tasks: back }, settings)).toEqual({ kind: 'wait', gate: 'consent' });
    },
  );

  const labeled = (restriction: ReferralRow['restriction'], more: Partial<ReferralRow> = {}) =>
    referralOf({ state: 'partner', restriction, recipient: null, ...more });
  it.each<[ReferralRow['restriction'], string, string]>([
    ...statuses.map((status): [ReferralRow['restriction'], string, string] => [
      'one-recipient',
      status,
      'recall',
    ]),
    ...statuses.map((status): [ReferralRow['restriction'], string, string] => [
      'named-consent',
      status,
      'recall',
    ]),
  ])('a label that makes it %s: a Task that is %s leads to %s', (restriction, status, kind) => {
    const out = factsOf({
      tasks: [taskOf({ status })],
      referral: labeled(restriction),
      sentUnder: stands,
    });
    expect(decide(out, settings)).toMatchObject({
      kind,
      ...(kind === 'recall' ? { reason: 'restricted' } : {}),
    });
    const back = [taskOf({ status: 'cancelled', live: false, reason: 'restricted' })];
    expect(decide({ ...out, tasks: back }, settings)).toEqual({ kind: 'wait', gate: 'review' });
  });

  it('a label leaves what a person picked for this partner where it is, and what it was taken back from may be picked again', () => {
    const picked = labeled('one-recipient', { recipient: 'pantry' });
    expect(decide(factsOf({ tasks: [taskOf()], referral: picked }), settings)).toEqual({
      kind: 'at-partner',
    });
    const back = [taskOf({ status: 'cancelled', live: false, reason: 'restricted' })];
    expect(decide(factsOf({ tasks: back, referral: picked }), settings)).toMatchObject({
      kind: 'send',
      partner: { id: 'pantry' },
    });
  });
});

describe('the partner that a person picked', () => {
  it.each([null, 'one-recipient'] as const)(
    'is the only one that is asked, after it declined as well (%s)',
    (restriction) => {
      const referral = referralOf({ recipient: 'pantry', restriction });
      const declined = [taskOf({ status: 'rejected', live: false })];
      expect(decide(factsOf({ referral, tasks: declined }), settings)).toMatchObject({
        kind: 'wait',
        gate: 'withoutHelp',
      });
      expect(whoIsNext(factsOf({ referral, tasks: declined }))).toBeUndefined();
      expect(
        decide(
          factsOf({ referral: { ...referral, recipient: 'shelter' }, tasks: declined }),
          settings,
        ),
      ).toMatchObject({
        kind: 'send',
        partner: { id: 'shelter' },
      });
    },
  );
});

describe('a partner that the person keeps out', () => {
  const isKeptOut = ({ id }: Partner) => id === 'pantry';
  it('gets its Task taken back, and the next partner is asked', () => {
    const atPantry = factsOf({ tasks: [taskOf({ status: 'in-progress' })], isKeptOut });
    expect(decide(atPantry, settings)).toMatchObject({ kind: 'recall', reason: 'kept-out' });
    const tasks = [taskOf({ live: false, status: 'cancelled', reason: 'kept-out' })];
    const after = factsOf({ tasks, isKeptOut, partners: [shelter] });
    expect(decide(after, settings)).toMatchObject({ kind: 'send', partner: { id: 'shelter' } });
  });

  it('leaves a Task at another partner alone', () => {
    const atShelter = factsOf({ tasks: [taskOf({ partner: 'shelter' })], isKeptOut });
    expect(decide(atShelter, settings).kind).toBe('at-partner');
  });
});
