import { expect, it } from 'vitest';
import { type PartnerMoves, partnerStanding } from './partner-standing.ts';

const at = (day: number) => new Date(Date.UTC(2026, 10, day));
const sent: PartnerMoves = {
  ...{ status: 'requested', sentAt: at(20), hasArrived: true, seenAt: null },
  ...{ acceptedAt: null, triedOn: null, answerBy: at(24), heldUntil: null },
  ...{ heldButton: null, contactBy: null, serveBy: null },
};

it.each<[string, Partial<PartnerMoves>, object]>([
  ['sent', {}, { step: 'sent', at: at(20), lateSince: null }],
  ['perhaps sent', { hasArrived: false }, { step: 'unsure', at: at(20) }],
  ['seen at the hub', { seenAt: at(21) }, { step: 'seen', at: at(21) }],
  ['received at its own server', { status: 'received' }, { step: 'seen', at: null }],
  ['accepted', { status: 'accepted', acceptedAt: at(22) }, { step: 'yes', at: at(22) }],
  ['at work', { status: 'in-progress', acceptedAt: at(22) }, { step: 'helping', at: at(22) }],
  ['tried', { status: 'accepted', triedOn: '2026-11-22' }, { step: 'tried', at: '2026-11-22' }],
  ['answered', { status: 'accepted', heldUntil: at(24) }, { step: 'answered', lateSince: null }],
  [
    'answered by a button',
    { heldUntil: at(24), heldButton: 'noFull' },
    { step: 'answered', says: 'No, we’re full' },
  ],
  ['paused', { status: 'on-hold', acceptedAt: at(22) }, { step: 'paused' }],
])('is %s', (_what, more, standing) => {
  expect(partnerStanding({ ...sent, ...more }, at(23))).toMatchObject(standing);
});

it('is late while an answer is due, whether seen or not', () => {
  const late = (more: Partial<PartnerMoves>) =>
    partnerStanding({ ...sent, ...more }, at(25)).lateSince;
  expect([late({}), late({ seenAt: at(21) }), late({ triedOn: '2026-11-22' })]).toEqual([
    ...[at(24), at(24), at(24)],
  ]);
  expect([late({ status: 'accepted' }), late({ answerBy: null })]).toEqual([null, null]);
});

it('is late, too, where it said yes and gives no news', () => {
  const taken = { ...sent, status: 'accepted', acceptedAt: at(22), contactBy: at(24) };
  const standing = partnerStanding({ ...taken, serveBy: at(28) }, at(25));
  expect(standing).toMatchObject({ step: 'yes', due: 'news', dueBy: null, lateSince: at(24) });
  const afterNews = partnerStanding({ ...taken, contactBy: null, serveBy: at(28) }, at(25));
  expect(afterNews).toMatchObject({ due: 'news', dueBy: at(28), lateSince: null });
});
