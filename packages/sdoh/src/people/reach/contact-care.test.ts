import { expect, it } from 'vitest';
import { contactCare } from './contact-care.ts';
import type { ReachChoice } from './reach-choice.ts';

const choice: ReachChoice = {
  ways: ['call'],
  phone: { number: '+16125550142' },
  phoneOwner: 'self',
  voicemail: true,
  mayBeSaid: 'aboutHelp',
  reading: 'reads',
  forPartners: true,
};

it.each<[string, Partial<ReachChoice>, object]>([
  ['an own phone that takes messages', {}, { noVoicemail: false, personOnly: false }],
  ['no voicemail', { voicemail: false }, { noVoicemail: true, personOnly: false }],
  ['a shared phone', { phoneOwner: 'shared' }, { noVoicemail: false, personOnly: true }],
  ['the phone of another', { phoneOwner: 'other' }, { noVoicemail: false, personOnly: true }],
  ['no reason may be said', { mayBeSaid: 'clinicOnly' }, { noVoicemail: false, personOnly: true }],
  ['hours', { hours: 'mornings' }, { noVoicemail: false, personOnly: false, hours: 'mornings' }],
])('tells a partner what to mind: %s', (_name, change, care) => {
  expect(contactCare({ ...choice, ...change })).toEqual(care);
});
