import { describe, expect, it } from 'vitest';
import { english } from '../texts/en.ts';
import { waySentence } from './way-sentence.ts';

const texts = english('America/Chicago', () => new Date('2026-11-30T22:00:00Z'));
const at = new Date('2026-11-30T21:48:00Z');
type Way = Parameters<typeof waySentence>[0][number];
const way = (channel: string, state: Way['state'], code: string | null = null): Way => ({
  channel,
  state,
  code,
  changed_at: at,
});

describe('how a request went out', () => {
  it.each<[string, Way[]]>([
    [
      'E-mail bounced; text sent Nov 30, 3:48 pm',
      [way('email', 'refused', 'bounced'), way('text', 'delivered')],
    ],
    [
      'Text stopped by the partner; on the list of partners to call since Nov 30, 3:48 pm',
      [way('text', 'refused', 'stopped'), way('manual', 'delivered')],
    ],
    ['E-mail is on its way', [way('email', 'intended')]],
    [
      'Its server refused; E-mail is on its way',
      [way('fhir-rest', 'refused', '422'), way('email', 'intended')],
    ],
    ['', []],
  ])('is said in a sentence: %s', (sentence, ways) => {
    expect(waySentence(ways, texts)).toBe(sentence);
  });
});
