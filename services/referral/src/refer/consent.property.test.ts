import type { fhir4 } from '@loopwell/fhir';
import { consentsOnFile } from '@loopwell/sdoh';
import type { ReferralRow } from '@loopwell/store';
import {
  type Dice,
  diceOf,
  harmless,
  type Mutation,
  ordering,
  permitting,
  pursuing,
  takingAway,
  unreadable,
} from '@loopwell/testing';
import { describe, expect, it } from 'vitest';
import type { ReferralSettings } from '../settings.ts';
import { gateRules } from './gate-rules.ts';
import type { Partner, PersonFile } from './model.ts';
import { decide } from './refer.ts';

const clock = { now: () => new Date('2026-11-24T12:00:00Z') };
const settings = {
  longestConsentDays: 365,
  agreedByConsent: false,
  send: true,
} as ReferralSettings;
const category = 'food-insecurity';
const pantry: Partner = {
  id: 'pantry',
  name: 'Pantry',
  address: 'https://pantry.example',
  channel: 'fhir-rest',
  references: ['Organization/pantry'],
};
const empty: PersonFile = {
  person: 'person-1',
  connection: 'c',
  base: 'https://ehr.example/fhir',
  patient: { resourceType: 'Patient', id: 'p' },
  consents: [],
  goals: [],
  serviceRequests: [],
};
const referral = {
  id: 'r',
  state: 'waiting',
  approval: 'approved',
  approved_by: 'person:rea',
  agreement_source: null,
  given_up_by: null,
} as unknown as ReferralRow;

type Json = Record<string, unknown>;
const copyOf = (resource: object) => JSON.parse(JSON.stringify(resource)) as Json;

/** What the sender would do for a person with these papers. */
function decided(more: Partial<PersonFile>): string {
  const file = { ...empty, ...more };
  const onFile = consentsOnFile({ ...file, quarantined: [], recorded: null });
  const rules = gateRules(settings, clock);
  const facts = {
    referral,
    tasks: [],
    agreement: rules.agreement(onFile, file, category),
    isAgreementTakenBack: false,
    standing: 'stands' as const,
    age: 'adult' as const,
    whyNotYet: () => undefined,
    isConsentWithdrawnHere: false,
    sentUnder: () => undefined,
    consentFor: (partner: Partner) => rules.consent(onFile, file, partner),
    scopeOf: () => undefined,
    consentDocument: () => undefined,
    partners: [pantry],
    serviceCode: { system: 's', code: '1', display: 'Help' },
    isHeld: () => false,
  };
  return decide(facts, settings).kind;
}

const agreed = { serviceRequests: [ordering(category)] };
const consentsOf = (...some: Json[]) => ({
  ...agreed,
  consents: some as unknown as fhir4.Consent[],
});
const seeds = (count: number) => Array.from({ length: count }, (_, seed) => seed);

/** A changed copy, and what was changed; some changes do not fit. */
function mutantOf(
  resource: object,
  kinds: readonly Mutation[],
  dice: Dice,
): { mutant: Json; change: string } {
  while (true) {
    const mutant = dice.chance(0.5) ? harmless(copyOf(resource), dice) : copyOf(resource);
    const change = dice.pick(kinds)(mutant, dice);
    if (change !== undefined) return { mutant, change };
  }
}

const sentOf = (
  count: number,
  situation: (dice: Dice) => { file: Partial<PersonFile>; change: string },
) =>
  seeds(count).flatMap((seed) => {
    const { file, change } = situation(diceOf(seed));
    return decided(file) === 'send' ? [`${change} (seed ${seed})`] : [];
  });

describe('a Consent that permits', () => {
  it('sends as it stands', () => expect(decided(consentsOf(copyOf(permitting())))).toBe('send'));

  it('sends in 600 harmless variants', () => {
    const shut = seeds(600).filter(
      (seed) => decided(consentsOf(harmless(copyOf(permitting()), diceOf(seed)))) !== 'send',
    );
    expect(shut).toEqual([]);
  });

  it('sends nothing in 4,000 mutants that take the permission away', () => {
    const sent = sentOf(4_000, (dice) => {
      const { mutant, change } = mutantOf(permitting(), takingAway, dice);
      return { file: consentsOf(mutant), change };
    });
    expect(sent).toEqual([]);
  });

  it('sends nothing in 1,000 cases beside a newer one that cannot be read', () => {
    const sent = sentOf(1_000, (dice) => {
      const newer = { ...permitting(), id: 'c2', dateTime: '2026-10-01' };
      const { mutant, change } = mutantOf(newer, unreadable, dice);
      return { file: consentsOf(copyOf(permitting()), mutant), change };
    });
    expect(sent).toEqual([]);
  });

  it.each([
    [
      'treatment',
      {
        scope: {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' },
          ],
        },
      },
    ],
    [
      'an advance directive',
      { category: [{ coding: [{ system: 'http://loinc.org', code: '75320-2' }] }] },
    ],
    [
      'research',
      {
        scope: {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' },
          ],
        },
      },
    ],
  ])('sends beside a newer no to %s, in whatever other state', (_name, kind) => {
    const shut = seeds(100).filter((seed) => {
      const dice = diceOf(seed);
      const other = {
        ...copyOf(permitting()),
        id: 'c2',
        dateTime: '2026-10-01',
        ...kind,
        provision: { type: 'deny' },
        decision: 'deny',
      };
      return (
        decided(
          consentsOf(
            copyOf(permitting()),
            dice.chance(0.5) ? other : { ...other, status: 'rejected' },
          ),
        ) !== 'send'
      );
    });
    expect(shut).toEqual([]);
  });

  it('sends beside a form of a kind that nobody has explained', () => {
    const form = {
      ...copyOf(permitting()),
      id: 'c2',
      category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    };
    expect(decided(consentsOf(copyOf(permitting()), form))).toBe('send');
  });
});

describe.each([
  ['order', ordering(category), 'serviceRequests'],
  ['Goal', pursuing(category), 'goals'],
] as const)('an agreement by %s', (_name, resource, list) => {
  const file = (one: Json) => ({ ...empty, consents: [permitting()], [list]: [one] });

  it('sends as it stands, and in 300 harmless variants', () => {
    expect(decided(file(copyOf(resource)))).toBe('send');
    expect(
      seeds(300).filter(
        (seed) => decided(file(harmless(copyOf(resource), diceOf(seed)))) !== 'send',
      ),
    ).toEqual([]);
  });

  it('is none in 1,000 mutants, and in another status or writing', () => {
    const sent = sentOf(1_000, (dice) => {
      const { mutant, change } = mutantOf(resource, unreadable, dice);
      return { file: file(mutant), change };
    });
    expect(sent).toEqual([]);
    const status = list === 'goals' ? 'lifecycleStatus' : 'status';
    for (const text of [
      'Active',
      ' active',
      'ACTIVE',
      'revoked',
      'entered-in-error',
      'rejected',
      'draft',
      'proposed',
      '',
    ])
      expect(decided(file({ ...copyOf(resource), [status]: text })), text).not.toBe('send');
  });
});

it('is no agreement as an order not to do it', () => {
  for (const doNotPerform of [true, 'true', 'false', null, [false]])
    expect(
      decided({
        consents: [permitting()],
        serviceRequests: [{ ...ordering(category), doNotPerform } as fhir4.ServiceRequest],
      }),
    ).not.toBe('send');
  expect(
    decided({
      consents: [permitting()],
      serviceRequests: [{ ...ordering(category), doNotPerform: false }],
    }),
  ).toBe('send');
});
