import { expect, it } from 'vitest';
import { sendPreviewLines } from './send-preview-text.ts';

const row = (category: string, gate: string, count: number, partner: string | null = 'shelf') => ({
  category,
  gate,
  count,
  partner,
  name: partner && 'Northside Food Shelf',
  address: partner && 'https://shelf.example/fhir/r4',
  sendOff: false,
});

it('says what would go where, by the origins of those who would get it', () => {
  const lines = sendPreviewLines({
    referrals: [
      row('food-insecurity', 'consent', 2),
      row('food-insecurity', 'hold', 1),
      { ...row('food-insecurity', 'hold', 4), sendOff: true },
      row('food-insecurity', 'review', 3),
      row('food-insecurity', 'send', 12),
      row('utility-insecurity', 'noPartner', 1, null),
    ],
    copies: [
      { connection: 'a', base: 'https://ehr.example/fhir', type: 'Observation', count: 31 },
      { connection: 'a', base: 'https://ehr.example/fhir', type: 'Condition', count: 1 },
    ],
    suggested: 1,
  });
  expect(lines).toEqual([
    'Would go after a release: 1 food-insecurity referral to Northside Food Shelf (https://shelf.example)',
    'Would go after a release and with --send: 4 food-insecurity referrals to Northside Food Shelf (https://shelf.example)',
    'Would go with --send: 12 food-insecurity referrals to Northside Food Shelf (https://shelf.example)',
    'Would go to Northside Food Shelf (https://shelf.example) once a person lets it: 5 food-insecurity referrals (2 without consent, 3 without approval)',
    'Would go nowhere: 1 utility-insecurity referral, which no (further) partner in the directory may be asked about',
    'Would be written into https://ehr.example: 31 Observations, 1 Condition',
    'Would be written into the EHR once approved: 1 suggested Condition with its Observations',
  ]);
  expect(sendPreviewLines({ referrals: [], copies: [], suggested: 0 })).toEqual([]);
});
