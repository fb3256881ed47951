import { describe, expect, it } from 'vitest';
import { english } from '../texts/en.ts';
import { textedSection } from './texted-section.ts';

const texts = english('America/Chicago');
const text = {
  id: 't-1',
  partners: [] as string[],
  names: ['Northside Pantry'],
  words: null,
  meaning: 'stop' as const,
  came_at: new Date('2026-11-30T18:00:00Z'),
};

describe('what partners texted', () => {
  it('is no part of the page where nothing waits', () =>
    expect(String(textedSection([], texts))).toBe(''));

  it('says who wants no more texts, and takes Done', () => {
    const page = String(textedSection([text], texts));
    expect(page).toContain('Northside Pantry');
    expect(page).toContain('wants no more texts');
    expect(page).toContain('value="t-1"');
  });

  it('names all who share a number, and shows words as words, never on paper', () => {
    const names = ['Church', 'Shelter'];
    const words = 'FULL <script>';
    const page = String(textedSection([{ ...text, names, words, meaning: 'full' }], texts));
    expect(page).toContain('Church or Shelter');
    expect(page).toContain('FULL &lt;script&gt;');
    expect(page).toContain('class="unprinted"');
  });
});
