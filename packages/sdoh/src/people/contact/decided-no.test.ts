import { describe, expect, it } from 'vitest';
import { endsReferral, noOfDecision, personsNoReason, saysPersonsNo } from './decided-no.ts';

const about = { category: 'food-insecurity', today: '2026-11-30' };

describe('the reason of a refusal', () => {
  it.each([
    personsNoReason,
    'She does not want this',
    "doesn't want a food shelf",
    'They did not want it',
    'No, thank you',
    'Said no on the phone',
    'told me no',
    'Declined',
    'Patient declined the referral',
    'The family refuses help from a church',
    'not interested',
    'Please do not call him about this',
    'Kia declined',
    'Ms. Yang refused',
    'Pt. declined',
    'No longer wants help',
    'Wants no help',
    'Never call again',
    'Kia has asked us to stop calling',
    'Opted out',
    'No quiere ayuda',
    'They said no thank you',
    'The patient said no.',
  ])('says that the person said no: %s', (reason) => {
    expect(saysPersonsNo(reason)).toBe(true);
  });

  it.each([
    'Help is already in place',
    'The answer is outdated or was a mistake',
    'No need in clinical judgment',
    'no need',
    'no',
    'has a car',
    'The pantry declined',
    'Insurance refused to pay',
    'A note of 3 pages',
    'Hillside said no capacity',
    'Food shelf says no appointments',
    'Insurance says no',
    'EHR says no address',
    'They told us no one answered',
    'The person did not say no, wrong form',
    'We declined, no capacity',
  ])('is the own one of the staff: %s', (reason) => {
    expect(saysPersonsNo(reason)).toBe(false);
  });
});

describe('the no of a decision', () => {
  it('is to this help, said today by the person, where nothing else is given', () => {
    const no = { kind: 'not-this-help', category: 'food-insecurity', saidOn: '2026-11-30' };
    const full = { ...no, saidBy: 'person' };
    expect(noOfDecision('withdrawAgreement', {}, about)).toMatchObject(full);
    expect(noOfDecision('refuse', { reason: personsNoReason }, about)).toMatchObject(full);
    expect(noOfDecision('refuse', { saidBy: 'guardian' }, about)).toMatchObject({
      ...no,
      saidBy: 'guardian',
    });
  });

  it('is none where staff refuse for a reason of their own, or say that nobody said no', () => {
    expect(noOfDecision('refuse', { reason: 'has a car' }, about)).toBeUndefined();
    const staff = { reason: 'said no to a survey', saidBy: 'staff' as const };
    expect(noOfDecision('refuse', staff, about)).toBeUndefined();
  });

  it.each([
    ['not-now', 'food-insecurity', false],
    ['not-this-help', 'food-insecurity', true],
    ['not-this-place', undefined, false],
    ['dont-ask-again', undefined, true],
  ] as const)('of the kind %s is about %s, and ends the referral: %s', (kind, category, ends) => {
    expect(noOfDecision('refuse', { kind }, about)?.category).toBe(category);
    expect(endsReferral(kind)).toBe(ends);
  });
});
