import { environmentOf } from '@loopwell/service';
import { describe, expect, it } from 'vitest';
import type { ConsentView, WholeConsent } from '../decide/consent/consent-view.ts';
import { coordination } from '../module.ts';
import { consentSentence } from './consent-sentence.ts';
import { english } from './en.ts';

const texts = english('America/Chicago');
const { withContact, withoutContact } = texts.consent.disclosed;

const nobody = new Map<string, string>();

const view = (more: Partial<ConsentView>): ConsentView => ({
  state: 'none',
  signed: null,
  until: null,
  recipient: null,
  scope: null,
  askedBy: null,
  recordedBy: null,
  policy: null,
  why: null,
  ...more,
});

describe('how consent stands, in a sentence', () => {
  it('differs for a signed no, one that ran out, one that was taken back, and nothing on file', () => {
    const words = (
      ['permits', 'signed-no', 'ran-out', 'withdrawn', 'none', 'unclear'] as const
    ).map((state) => consentSentence(view({ state, signed: '2026-01-05' }), nobody, texts));
    expect(new Set(words).size).toBe(words.length);
    expect(
      consentSentence(
        view({ state: 'unclear', signed: '2026-99-99Tx', why: 'It is odd.' }),
        nobody,
        texts,
      ),
    ).toBe('It is odd.');
    expect(words.every((sentence) => /^[A-Z].*\.$/.test(sentence))).toBe(true);
  });
});

describe('a consent that was recorded whole, in a sentence', () => {
  const signed = {
    ...{ state: 'permits', signed: '2026-11-20', until: '2027-11-21T05:59:59.999Z' },
    whole: {
      ...{ signer: 'Kia', authority: 'self', method: 'paper', kind: 'food-insecurity' },
      ...{ except: ['h'], elements: ['name', 'contact'] },
    },
  } as const;
  const partners = new Map([
    ['h', 'Hillside'],
    ['p', 'The pantry'],
  ]);
  it.each<[Partial<WholeConsent>, string]>([
    [
      {},
      'Signed by Kia, paper, Nov 20, 2026, good to Nov 20, 2027. Any food shelf, not Hillside. Name, phone, need.',
    ],
    [
      { signer: 'Mai', authority: 'guardian', method: 'e-signature', except: [] },
      'Signed by Mai, guardian, e-signature, Nov 20, 2026, good to Nov 20, 2027. Any food shelf. Name, phone, need.',
    ],
    [
      { places: ['p', 'gone'], except: [], elements: ['name', 'birth-date'], partTwo: true },
      'Signed by Kia, paper, Nov 20, 2026, good to Nov 20, 2027. Only The pantry, gone. Name, birth date, need. With substance use treatment records.',
    ],
    [
      { method: 'spoken', spokenPolicyBy: 'Rea Hall', except: [] },
      'Said by Kia, spoken, Nov 20, 2026, good to Nov 20, 2027. Any food shelf. Name, phone, need. A spoken yes counts by the written policy of Rea Hall.',
    ],
    [
      { document: 'binder 4', except: [] },
      'Signed by Kia, paper, Nov 20, 2026, good to Nov 20, 2027. Any food shelf. Name, phone, need. The form: binder 4.',
    ],
  ])('%o', (more, expected) => {
    const { kind, ...others } = signed.whole;
    const base = more.places ? others : { kind, ...others };
    const whole = { ...base, ...more } as WholeConsent;
    const seen = view({ ...signed, whole } as Partial<ConsentView>);
    expect(consentSentence(seen, partners, texts)).toBe(expected);
  });

  it('names what the person keeps out beside what the form leaves out, each once', () => {
    const kept = { ...view(signed as unknown as Partial<ConsentView>), keptOut: ['p', 'h'] };
    expect(consentSentence(kept, partners, texts)).toContain(
      'Any food shelf, not Hillside, The pantry.',
    );
    const words = view({ state: 'permits', recipient: 'any', keptOut: ['h'] });
    expect(consentSentence(words, partners, texts)).toContain('any partner, not Hillside.');
  });

  it('says that everything was taken back, and when', () => {
    const taken = view({ state: 'withdrawn', everythingTakenBackAt: '2026-11-24T15:00:00Z' });
    expect(consentSentence(taken, partners, texts)).toContain(
      'took back every consent to share on Nov 24, 9:00 am, for all needs.',
    );
  });
});

it('promises no number where none goes along, and says which does', () => {
  expect(withoutContact).toContain('never reads a phone number');
  expect(withContact).not.toContain('never reads a phone number');
  expect(withContact).toContain('See first');
});

describe('CONSENT_POLICY', () => {
  const read = (text: string) =>
    environmentOf(coordination).safeParse({
      DATABASE_URL: 'postgres://x',
      QUEUE_URL: 'postgres://x',
      CONSENT_POLICY: text,
    });

  it('is the system and code of a policy', () =>
    expect(read('urn:oid:1.2|a').data?.CONSENT_POLICY).toBe('urn:oid:1.2|a'));

  it.each([
    'hipaa-auth',
    '|hipaa-auth',
    'http://x|',
    'http://x.example|a b',
    'http://terminology.hl7.org/CodeSystem/v3-ActCode|OPTOUT',
  ])('is not %s, in a sentence that names the rule', (text) =>
    expect(read(text).error?.issues[0]).toMatchObject({
      path: ['CONSENT_POLICY'],
      message: expect.stringContaining('system|code'),
    }),
  );
});
