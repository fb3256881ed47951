import type { ReferralRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import type { ReferralSettings } from '../settings.ts';
import type { ConsentDecision, Partner, PartnerStanding, ReferralFacts } from './model.ts';
import { mayBeSentAgain, whoIsNext, whyNoneTakes } from './partner-turns.ts';
import { decide } from './refer.ts';

const pantry: Partner = { id: 'pantry', name: 'Pantry', address: 'a', channel: 'email' };
const shelf: Partner = { ...pantry, id: 'shelf', address: 'b' };
const permit: ConsentDecision = { kind: 'permit', consentId: 'c', version: '1' };
const settings = { send: true } as ReferralSettings;

/** Facts of a referral that waits for nothing but a partner. */
const factsWith = (
  standings: Record<string, PartnerStanding>,
  consents: Record<string, ConsentDecision> = {},
): ReferralFacts => ({
  referral: { id: 'r', state: 'waiting', approval: 'approved', given_up_by: null } as ReferralRow,
  tasks: [],
  standing: 'stands',
  age: 'adult',
  whyNotYet: () => undefined,
  isConsentWithdrawnHere: false,
  sentUnder: () => undefined,
  agreement: { source: 'ServiceRequest/s', on: '2026-11-01' },
  isAgreementTakenBack: false,
  consentFor: ({ id }) => consents[id] ?? permit,
  scopeOf: () => undefined,
  consentDocument: () => undefined,
  partners: [pantry, shelf],
  serviceCode: { system: 's', code: '1', display: 'Help' },
  isHeld: () => false,
  standingOf: ({ id }) => standings[id] ?? { kind: 'takes' },
});

describe('a partner that takes nothing new', () => {
  it.each(['paused', 'full', 'weekFull', 'noAgreement', 'agreementEnded', 'confidential'] as const)(
    'is passed over, and has not had its turn: %s',
    (kind) => {
      const facts = factsWith({ pantry: { kind } });
      expect(whoIsNext(facts)?.partner).toBe(shelf);
      expect(decide(facts, settings)).toMatchObject({ kind: 'send', partner: shelf });
      expect(whyNoneTakes(facts)).toBeUndefined();
    },
  );

  it('makes the referral wait for the first that opens, when no other is left', () => {
    const late = { kind: 'paused', until: new Date(9), opensInMs: 9 } as const;
    const early = { kind: 'paused', until: new Date(5), opensInMs: 5 } as const;
    const facts = factsWith({ pantry: late, shelf: early });
    expect(whoIsNext(facts)).toBeUndefined();
    expect(whyNoneTakes(facts)).toEqual(early);
    expect(decide(facts, settings)).toEqual({ kind: 'wait', gate: 'noPartner', forMs: 5 });
  });

  it('makes the referral wait for a person where nothing opens by itself', () =>
    expect(
      decide(factsWith({ pantry: { kind: 'confidential' }, shelf: { kind: 'full' } }), settings),
    ).toEqual({ kind: 'wait', gate: 'noPartner' }));

  it('asks nobody to sign for a confidential service, to which nothing is sent', () => {
    const standings = {
      pantry: { kind: 'confidential' },
      shelf: { kind: 'confidential' },
    } as const;
    const facts = factsWith(standings, { pantry: { kind: 'none' }, shelf: { kind: 'none' } });
    expect(decide(facts, settings)).toEqual({ kind: 'wait', gate: 'noPartner' });
    expect(whyNoneTakes(facts)?.kind).toBe('confidential');
  });

  it('says the most hopeful reason', () =>
    expect(
      whyNoneTakes(factsWith({ pantry: { kind: 'confidential' }, shelf: { kind: 'full' } }))?.kind,
    ).toBe('full'));

  it('asks for no other signature while the one for it is there', () => {
    const facts = factsWith({ pantry: { kind: 'full' } }, { shelf: { kind: 'none' } });
    expect(decide(facts, settings)).toEqual({ kind: 'wait', gate: 'noPartner' });
  });

  it('may be sent once more what may have arrived, if only its room has ended', () => {
    expect(mayBeSentAgain(factsWith({ pantry: { kind: 'paused' } }), pantry)).toBe(true);
    expect(mayBeSentAgain(factsWith({ pantry: { kind: 'agreementEnded' } }), pantry)).toBe(false);
    expect(mayBeSentAgain(factsWith({ pantry: { kind: 'confidential' } }), pantry)).toBe(false);
  });
});
