import { describe, expect, it } from 'vitest';
import { partsOfText, toGsm7 } from './gsm7.ts';
import { codeWords, type MessageFacts, newRequestWords, reminderWords } from './message-words.ts';
import { answerToReply, readReply } from './reply-words.ts';

const facts: MessageFacts = {
  site: 'Lakes Clinic',
  partner: 'Northside Pantry',
  count: 1,
  link: 'https://lakes.example/p/k7m2q9w4t8xz',
  phone: '612-555-0100',
};

describe('a text to a partner', () => {
  it('says who has how many requests, where to answer, whom to call and how texts end', () =>
    expect(newRequestWords('text', facts)).toBe(
      'Lakes Clinic has 1 new request for Northside Pantry. https://lakes.example/p/k7m2q9w4t8xz' +
        " Questions: 612-555-0100. STOP ends texts; we'll call instead.",
    ));

  it('has one part', () => {
    expect(partsOfText(newRequestWords('text', facts))).toBe(1);
    expect(partsOfText(reminderWords('text', { ...facts, count: 3 }))).toBe(1);
  });

  it('leaves the name of the partner out where that saves a part', () => {
    const words = newRequestWords('text', {
      ...facts,
      partner: 'Northside Community Food Pantry of Minneapolis',
    });
    expect([partsOfText(words), words.includes('for you.')]).toEqual([1, true]);
  });

  it('has two parts at most, however long the names are', () => {
    const site = 'Clínica Comunitária de la Montaña y del Valle de los Lagos del Norte';
    const words = newRequestWords('text', { ...facts, site, partner: site, count: 120 });
    expect(partsOfText(words)).toBeLessThanOrEqual(2);
  });

  it('holds no letter that would make it longer', () => {
    const words = newRequestWords('text', { ...facts, site: 'Łódź – “Clinic”', partner: '‘É’ 食' });
    expect(words).toContain('odz - "Clinic" has 1 new request for \'É\' .');
    expect(toGsm7(words)).toBe(words);
  });

  it('counts letters of the second table twice', () =>
    expect([partsOfText('['.repeat(80)), partsOfText('['.repeat(81))]).toEqual([1, 2]));
});

describe('an e-mail to a partner', () => {
  it('says the same and that it names nobody', () => {
    const words = newRequestWords('email', { ...facts, count: 2, phone: undefined });
    expect(words).toContain('Lakes Clinic has 2 new requests for Northside Pantry.');
    expect(words).toContain(facts.link);
    expect([words.includes('STOP'), words.includes('Questions')]).toEqual([false, false]);
  });
});

describe('a one-time code', () => {
  it('is the first word, so that it shows on a locked phone', () =>
    expect(codeWords('Lakes Clinic', '402913', 10)).toMatch(/^402913 is your one-time code/));
});

describe('the text of a partner', () => {
  it.each([
    ...['STOP', 'stop', 'Stop.', 'Please stop', 'StopAll', 'ALTO', 'Pare!', 'pare por favor'],
    ...[
      'STOP texting me',
      'opt-out',
      'Take me off your list',
      'no more texts please',
      'Unsubscribe',
    ],
    ...["don't text me again", 'Don’t text us', 'No más mensajes', 'stop, we closed', '  stop\n'],
    ...['unsubscribe me', 'Can you stop?', 'I said stop', 'We want to stop', 'S T O P', 'Txt STOP'],
    ...['do not send texts', 'dont send me texts', 'No texts please', 'Remove us', 'ＳＴＯＰ'],
    ...['do NOT contact us again', 'No me manden mensajes', 'jooji fariimaha', 'STOP sending'],
  ])('ends texts: %s', (text) => expect(readReply(text)).toBe('stop'));

  it.each([
    ['FULL', 'full'],
    ["We're full", 'full'],
    ['We’re full!', 'full'],
    ['lleno', 'full'],
    ['open', 'open'],
    ['We are OPEN again', 'open'],
    ['FULL today', 'full'],
    ['full this week', 'full'],
    ['We are full until Monday', 'full'],
    ['full of hope', 'other'],
    ['Stop accepting new', 'other'],
    ['stop the request for Tuesday', 'other'],
    ['Stop sending new referrals', 'other'],
    ['Can you stop at the church?', 'other'],
    ['she has no text book', 'other'],
    ['START', 'start'],
    ['unstop', 'start'],
    ['Help', 'help'],
    ['not full', 'other'],
    ['are you open?', 'other'],
    ['Can they stop by at 3?', 'other'],
    ['Stop by at 3', 'other'],
    ['we stopped at the house', 'other'],
    ['', 'other'],
    ['🙂', 'other'],
  ])('is read: %s as %s', (text, meaning) => expect(readReply(text)).toBe(meaning));
});

describe('the answer to a text', () => {
  it.each(['stop', 'start', 'full', 'open', 'help', 'other'] as const)(
    'has one part: %s',
    (meaning) => {
      const words = answerToReply(meaning, {
        site: 'Lakes Clinic',
        phone: '612-555-0100',
        until: 'Tue, Dec 1',
      });
      expect([partsOfText(words), words.endsWith('Questions: 612-555-0100.')]).toEqual([1, true]);
    },
  );

  it('says until when no request is sent', () =>
    expect(answerToReply('full', { site: 'Lakes Clinic', until: 'Tue, Dec 1' })).toContain(
      'until Tue, Dec 1.',
    ));
});
