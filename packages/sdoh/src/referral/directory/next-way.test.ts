import { describe, expect, it } from 'vitest';
import { nextWay } from './next-way.ts';

const way = (kind: string, address: string) => ({ kind, address, settings: {} });
const mail = way('email', 'mailto:intake@pantry.org');
const text = way('text', 'tel:+16125550100');
const fhir = way('fhir-rest', 'https://pantry.example/fhir');
const call = way('manual', 'manual:pantry');
const taken = (...ways: { kind: string; address: string }[]) =>
  ways.map(({ kind, address }) => ({ channel: kind, address }));

describe('the next way to a partner', () => {
  it.each([
    ['the second after the first', [mail, text], [mail], text],
    ['a call after the last message', [mail, text], [mail, text], call],
    ['a call once, also where the directory names it', [mail, call], [mail, call], undefined],
    ['nothing after a call', [text], [text, call], undefined],
    ['nothing after the only server that refused', [fhir], [fhir], undefined],
    ['a message after a server that refused', [fhir, mail], [fhir], mail],
    ['one that the directory had later', [text, mail], [mail], text],
    [
      'another number of the same kind',
      [text, way('text', 'tel:+16125550101')],
      [text],
      {
        ...text,
        address: 'tel:+16125550101',
      },
    ],
    ['a call where the partner left the directory', [], [mail], call],
  ])('is %s', (_what, ways, gone, next) => {
    expect(nextWay('pantry', ways, taken(...gone))).toEqual(next);
  });
});
