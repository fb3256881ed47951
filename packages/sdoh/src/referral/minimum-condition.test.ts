import { type fhir4, profiles, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { minimumCondition } from './minimum-condition.ts';

const base = 'https://loopwell.example/fhir';
const food = { system: systems.snomed, code: '733423003' };
const words = 'beaten by SECRET';
const condition = {
  resourceType: 'Condition',
  id: 'theirs',
  meta: { profile: [profiles.condition] },
  clinicalStatus: { coding: [{ system: systems.conditionClinical, code: 'active' }] },
  verificationStatus: { coding: [{ system: systems.conditionVerification, code: 'confirmed' }] },
  category: [
    { coding: [{ system: systems.conditionCategory, code: 'problem-list-item' }] },
    { coding: [{ system: systems.sdohcc, code: 'food-insecurity' }] },
  ],
  code: { coding: [food, { system: systems.icd10cm, code: 'Z59.41' }] },
  subject: { reference: 'Patient/theirs' },
  recordedDate: '2026-05-04',
} as fhir4.Condition;
const seen = (change: object) =>
  minimumCondition({ ...condition, ...change } as fhir4.Condition, 'c', base, 'p');

describe('a Condition of the EHR, as a partner reads it', () => {
  it('is its codes of social needs, with the names that SNOMED CT gives them, its statuses, categories and date', () => {
    expect(seen({})).toEqual({
      ...condition,
      id: 'c',
      code: {
        coding: [
          { ...food, display: expect.stringMatching(/food/i) },
          { system: systems.icd10cm, code: 'Z59.41' },
        ],
      },
      subject: { reference: `${base}/Patient/p` },
    });
  });

  it.each<[string, object]>([
    ['in the text of its code', { code: { coding: [food], text: words } }],
    [
      'as the name of a code',
      { code: { coding: [{ ...food, display: words, version: words, id: words }] } },
    ],
    ['as a code', { code: { coding: [food, { system: systems.snomed, code: words }] } }],
    [
      'in a code of the site',
      { code: { coding: [food, { system: 'https://clinic.example', code: 'SECRET' }] } },
    ],
    [
      'in an extension of its code',
      { code: { coding: [food], extension: [{ url: 'https://x.example', valueString: words }] } },
    ],
    ['in words alone', { code: { text: words } }],
    [
      'in the text of a status',
      {
        clinicalStatus: { text: words },
        verificationStatus: { coding: [{ code: 'confirmed', display: words }] },
      },
    ],
    [
      'in a category',
      {
        category: [
          {
            coding: [{ system: systems.sdohcc, code: 'food-insecurity', display: words }],
            text: words,
          },
        ],
      },
    ],
    [
      'in a category of the site',
      { category: [{ coding: [{ system: 'https://clinic.example', code: 'SECRET' }] }] },
    ],
    ['in place of a date', { recordedDate: words }],
    [
      'in a profile',
      {
        meta: {
          profile: ['https://clinic.example/SECRET'],
          source: words,
          tag: [{ display: words }],
        },
      },
    ],
    [
      'in a note, the narrative, stage, site or evidence',
      {
        note: [{ text: words }],
        text: { status: 'generated', div: `<div>${words}</div>` },
        stage: [{ summary: { text: words } }],
        bodySite: [{ text: words }],
        evidence: [{ code: [{ text: words }] }],
        abatementString: words,
        onsetString: words,
      },
    ],
  ])('shows no words of the EHR: %s', (_where, change) =>
    expect(JSON.stringify(seen(change))).not.toMatch(/SECRET/),
  );

  it.each<[string, { system: string; code: string }]>([
    ['a disease', { system: systems.snomed, code: '86406008' }],
    ['a disease by ICD-10-CM', { system: systems.icd10cm, code: 'B20' }],
    ['violence', { system: systems.icd10cm, code: 'T74.11XA' }],
  ])('shows no code beside the need: %s', (_name, coding) => {
    expect(JSON.stringify(seen({ code: { coding: [food, coding] } }))).not.toContain(coding.code);
  });

  it('knows a code in the writing of a billing system', () => {
    expect(seen({ code: { coding: [{ system: systems.icd10cm, code: 'z5941' }] } }).code).toEqual({
      coding: [{ system: systems.icd10cm, code: 'Z59.41' }],
    });
  });

  it('claims the profile only where a code is left', () => {
    expect(seen({ code: { text: words } })).not.toHaveProperty('meta');
    expect(seen({ code: { text: words } })).not.toHaveProperty('code');
  });
});
