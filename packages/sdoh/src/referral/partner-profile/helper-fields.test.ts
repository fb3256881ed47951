import { expect, it } from 'vitest';
import { readHelper } from './helper-fields.ts';

const read = (more: object, needsAddress = false) =>
  readHelper({ name: 'Hodan Ali', isDirector: false, address: '', ...more }, needsAddress);

it.each([
  ['612-555-0142', { way: 'text', address: '+16125550142' }],
  ['+1 (612) 555-0142', { way: 'text', address: '+16125550142' }],
  ['1 612 555 0142', { way: 'text', address: '+16125550142' }],
  ['+252 61 5550142', { way: 'text', address: '+252615550142' }],
  ['hodan@pantry.example', { way: 'email', address: 'hodan@pantry.example' }],
  ['', undefined],
])('reads where one-time codes go to: %s', (address, second) => {
  expect(read({ address })).toEqual({ name: 'Hodan Ali', role: 'member', second });
});

it.each(['555-0142', '612-555-0142 ext 4', '112-555-0142', 'a@b', 'a b@c.example', 'x', '+1', '@'])(
  'refuses an address that nothing can be sent to: %s',
  (address) => expect(read({ address })).toEqual({ problem: 'address' }),
);

it('needs a name, and an address where the partner needs a second code', () => {
  expect(read({ name: ' Hodan \n Ali ', isDirector: true })).toMatchObject({
    ...{ name: 'Hodan Ali', role: 'director' },
  });
  for (const name of ['', ' ', '123', 'x'.repeat(101)])
    expect(read({ name })).toEqual({ problem: 'name' });
  expect(read({}, true)).toEqual({ problem: 'addressNeeded' });
});
