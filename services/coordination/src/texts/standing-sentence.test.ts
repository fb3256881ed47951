import type { ReferralRow, TaskRow } from '@loopwell/store';
import { expect, it } from 'vitest';
import { english } from './en.ts';
import { standingSentence } from './standing-sentence.ts';

const context = {
  partners: new Map([['pantry', 'Northside Pantry']]),
  texts: english('UTC'),
};
const referralOf = (state: ReferralRow['state'], more: Partial<ReferralRow> = {}) =>
  ({
    state,
    gate: null,
    approval: 'approved',
    approved_by: 'person:rea',
    agreement_withdrawn_at: null,
    given_up_by: null,
    ended_reason: null,
    ...more,
  }) as ReferralRow;
const taskOf = (status: string, more: Partial<TaskRow> = {}) =>
  ({
    partner: 'pantry',
    status,
    live: false,
    remote_id: 'r1',
    reason: null,
    recalled_from: null,
    requested_at: new Date('2020-11-02T10:00:00Z'),
    changed_at: new Date('2020-11-09T10:00:00Z'),
    ...more,
  }) as TaskRow;
const recalled = (reason: string, from: string) =>
  taskOf('cancelled', { reason, recalled_from: from });
const refused = { approval: 'refused', approved_by: 'person:rea' } as const;
const died = {
  ended_reason: 'person-died',
  approval: 'refused',
  approved_by: 'system:enrichment',
} as const;
const had = 'Northside Pantry had it from Nov 2, 2020, 10:00 am to Nov 9, 2020, 10:00 am';

it.each<[string, ReferralRow, TaskRow[], string]>([
  ['waiting', referralOf('waiting', { gate: 'consent' }), [], 'Awaiting a consent to share'],
  [
    'waiting without help',
    referralOf('waiting', { gate: 'withoutHelp' }),
    [taskOf('rejected')],
    'Awaiting a decision: no partner could help',
  ],
  [
    'on its way',
    referralOf('waiting', { gate: 'send' }),
    [taskOf('requested', { live: true, remote_id: null })],
    'on its way to Northside Pantry; not yet known whether it arrived',
  ],
  [
    'answered before its message left',
    referralOf('partner'),
    [taskOf('accepted', { live: true, remote_id: null })],
    'with Northside Pantry since Nov 2, 2020, 10:00 am: accepted',
  ],
  [
    'out',
    referralOf('partner'),
    [taskOf('accepted', { live: true })],
    'with Northside Pantry since Nov 2, 2020, 10:00 am: accepted',
  ],
  [
    'out, with a partner that has left',
    referralOf('partner'),
    [taskOf('received', { live: true, partner: 'gone' })],
    'with gone since Nov 2, 2020, 10:00 am: seen, not accepted yet',
  ],
  [
    'between two partners',
    referralOf('partner'),
    [taskOf('rejected')],
    'the partner has answered; the next step is being decided',
  ],
  [
    'of somebody who has died',
    referralOf('withdrawn', died),
    [],
    'ended before it went to a partner: the person has died',
  ],
  [
    'of somebody who has died, and out',
    referralOf('withdrawn', died),
    [recalled('person-died', 'accepted')],
    `taken back: the person has died. ${had} (accepted); what the partner had read by then cannot be taken back`,
  ],
  [
    'helped',
    referralOf('closed'),
    [taskOf('completed')],
    'closed: Northside Pantry has helped, reported Nov 9, 2020, 10:00 am',
  ],
  [
    'done without an outcome',
    referralOf('closed'),
    [taskOf('completed', { reason: 'no-outcome' })],
    'closed: Northside Pantry reports it as done without showing what was done, reported Nov 9, 2020, 10:00 am',
  ],
  [
    'helped too soon to be recalled',
    referralOf('closed', refused),
    [taskOf('completed')],
    'closed: Northside Pantry has helped, reported Nov 9, 2020, 10:00 am, before it could be taken back',
  ],
  [
    'given up',
    referralOf('failed', { given_up_by: 'person:ada' }),
    [taskOf('failed')],
    'closed without help by ada',
  ],
  [
    'given up before that was asked',
    referralOf('failed'),
    [taskOf('failed')],
    'closed without help',
  ],
  [
    'refused, never out',
    referralOf('withdrawn', refused),
    [],
    'ended before it went to a partner: the need was refused by rea',
  ],
  [
    'refused, turned away at the door',
    referralOf('withdrawn', refused),
    [taskOf('rejected', { remote_id: null, reason: 'refused:422' })],
    'ended before it went to a partner: the need was refused by rea',
  ],
  [
    'refused while a partner was at work',
    referralOf('withdrawn', refused),
    [recalled('refused', 'in-progress')],
    `taken back: the need was refused by rea. ${had} (in progress); what the partner had read by then cannot be taken back`,
  ],
  [
    'consent taken back after acceptance',
    referralOf('withdrawn'),
    [recalled('consent-revoked', 'accepted')],
    `taken back: the consent to share was taken back. ${had} (accepted); what the partner had read by then cannot be taken back`,
  ],
  [
    'agreement taken back before acceptance',
    referralOf('withdrawn', { agreement_withdrawn_at: new Date() }),
    [recalled('agreement-withdrawn', 'requested')],
    `taken back: the person no longer wants this help. ${had} (not accepted yet); what the partner had read by then cannot be taken back`,
  ],
  [
    "agreement taken back in the person's own words",
    referralOf('withdrawn', {
      ended_reason: 'agreement-withdrawn',
      agreement_withdrawn_at: new Date(),
    }),
    [recalled('agreement-withdrawn', 'accepted')],
    `taken back: the person no longer wants this help. ${had} (accepted); what the partner had read by then cannot be taken back`,
  ],
  [
    'the order in the chart revoked',
    referralOf('withdrawn', { ended_reason: 'agreement-withdrawn' }),
    [recalled('agreement-withdrawn', 'accepted')],
    `taken back: the order or goal in the chart that said yes no longer stands. ${had} (accepted); what the partner had read by then cannot be taken back`,
  ],
  [
    'recalled by an earlier release',
    referralOf('withdrawn'),
    [taskOf('cancelled', { reason: 'consent-revoked' })],
    `taken back: the consent to share was taken back. ${had}; what the partner had read by then cannot be taken back`,
  ],
  [
    'ended because the person has died, while a partner was at work',
    referralOf('withdrawn', { ended_reason: 'person-died' }),
    [recalled('person-died', 'accepted')],
    `taken back: the person has died. ${had} (accepted); what the partner had read by then cannot be taken back`,
  ],
  [
    'withdrawn after a decline',
    referralOf('withdrawn', refused),
    [taskOf('rejected')],
    `ended while it waited: the need was refused by rea. Before that ${had}`,
  ],
  [
    'withdrawn after a silence',
    referralOf('withdrawn', refused),
    [taskOf('cancelled', { reason: 'not-accepted-in-time' })],
    `ended while it waited: the need was refused by rea. Before that ${had}`,
  ],
])('says where a referral stands that is %s', (_name, referral, tasks, words) => {
  expect(standingSentence(referral, tasks, context)).toBe(words);
});
