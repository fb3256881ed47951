import { describe, expect, it } from 'vitest';
import {
  type DisclosedPart,
  type Disclosure,
  disclosedElements,
  disclosureColumns,
  disclosureCsv,
  endOfDisclosure,
} from './disclosures.ts';

const now = new Date('2026-11-30T12:00:00Z');
const hour = (count: number) => new Date(now.getTime() + count * 3_600_000);
const part = (type: string, more: Partial<DisclosedPart> = {}): DisclosedPart => ({
  ...{ type, ever: 'all', class: type === 'Patient' ? 'personal' : 'record' },
  ...{ until: null, endedAt: null, endedBy: null, isStatusOnly: false },
  ...more,
});
const ended = (at: Date, by = 'person:mai') => ({ endedAt: at, endedBy: by });

describe('the elements of a disclosure', () => {
  it.each<[string, DisclosedPart[], string[]]>([
    [
      'are those of the Patient that were shown',
      [part('Patient', { ever: 'name place' })],
      ['Patient.name', 'Patient.place'],
    ],
    ['are a whole resource', [part('Task'), part('ServiceRequest')], ['ServiceRequest', 'Task']],
    ['are each once', [part('Condition'), part('Condition')], ['Condition']],
    ['are whole where a part was shown besides', [part('Task', { ever: 'all status' })], ['Task']],
    ['leave out what says nothing about a person', [part('Organization'), part('Device')], []],
  ])('%s', (_what, parts, expected) => {
    expect(disclosedElements(parts)).toEqual(expected);
  });
});

describe('the end of a disclosure', () => {
  it.each<[string, DisclosedPart[], [Date | null, string | null]]>([
    ['has not come', [part('Patient')], [null, null]],
    [
      'has not come while one part stands',
      [part('Patient', ended(hour(-1))), part('Patient')],
      [null, null],
    ],
    [
      'is that of the last personal part',
      [part('Patient', ended(hour(-2))), part('Patient', ended(hour(-1), 'system:task-end'))],
      [hour(-1), 'system:task-end'],
    ],
    [
      'does not wait for the order',
      [part('Patient', ended(hour(-1))), part('ServiceRequest', { until: hour(99) })],
      [hour(-1), 'person:mai'],
    ],
    [
      'is when its time ran out',
      [part('Patient', { until: hour(-3) })],
      [hour(-3), 'system:time-limit'],
    ],
    [
      'is when its time ran out, although it was ended later',
      [part('Patient', { until: hour(-3), ...ended(hour(-1)) })],
      [hour(-3), 'system:time-limit'],
    ],
    ['is not in the future', [part('Patient', { until: hour(3) })], [null, null]],
    [
      'is that of the record where nothing personal was shown',
      [part('Task', ended(hour(-1)))],
      [hour(-1), 'person:mai'],
    ],
    [
      'does not wait for the status of a Task',
      [part('ServiceRequest', ended(hour(-1))), part('Task', { isStatusOnly: true })],
      [hour(-1), 'person:mai'],
    ],
    [
      'does not wait for our own name',
      [part('Patient', ended(hour(-1))), part('Device', { class: 'personal' })],
      [hour(-1), 'person:mai'],
    ],
    ['is not known without parts', [], [null, null]],
  ])('%s', (_what, parts, [endedAt, endedBy]) => {
    expect(endOfDisclosure(parts, now)).toEqual({ endedAt, endedBy });
  });
});

it('is a line of CSV in the order of the columns, without a formula', () => {
  const disclosure: Disclosure = {
    ...{ at: now, person: 'p', patient: 'q', partner: '=cmd()', partnerName: 'Hill, Side' },
    ...{ elements: ['Patient.name', 'Task'], purpose: 'referral', consent: 'Consent/c' },
    ...{ approvedBy: 'person:mai', reads: 2, lastRead: now, endedAt: null, endedBy: null },
    ...{ channel: 'hub', state: 'delivered', referral: 'r', task: 't' },
    openedBy: ['Hodan Ali', 'Mo'],
  };
  expect(disclosureColumns.slice(0, 11)).toEqual([
    ...['at', 'person', 'partner', 'elements', 'purpose', 'consent', 'approvedBy'],
    ...['reads', 'lastRead', 'endedAt', 'endedBy'],
  ]);
  expect(disclosureCsv(disclosure)).toBe(
    `2026-11-30T12:00:00.000Z,p,"'=cmd()","Patient.name; Task",referral,Consent/c,person:mai,2,` +
      '2026-11-30T12:00:00.000Z,,,"Hill, Side",hub,delivered,q,r,t,"Hodan Ali; Mo"\r\n',
  );
});
