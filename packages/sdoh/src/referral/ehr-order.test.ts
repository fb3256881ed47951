import { type fhir4, systems } from '@loopwell/fhir';
import { describe, expect, it } from 'vitest';
import { endedOrder, isEndedSo, type OrderEnd, orderEnd, showsEnd } from './ehr-order.ts';

const at = new Date('2026-11-20T15:00:00Z');
const end = orderEnd('completed', 'food-insecurity', { status: 'completed', at });
const order: fhir4.ServiceRequest = {
  resourceType: 'ServiceRequest',
  id: 'o1',
  meta: { versionId: '3', tag: [{ system: 'urn:site', code: 'x' }] },
  extension: [{ url: 'https://ehr.example.org/x', valueString: 'theirs' }],
  contained: [{ resourceType: 'Practitioner', id: 'p' }],
  identifier: [{ system: 'urn:orders', value: '77' }],
  status: 'active',
  intent: 'order',
  code: { coding: [{ system: 'urn:site', code: 'FOOD' }], text: 'Food' },
  subject: { reference: 'Patient/1' },
  note: [{ text: 'Prefers mornings' }],
};

describe("the end of the EHR's own order", () => {
  it('changes its status and adds one note; all else stays as it was read', () => {
    const ended = endedOrder(order, end);
    expect(ended).toEqual({
      ...order,
      status: 'completed',
      note: [{ text: 'Prefers mornings' }, end.note],
    });
    expect(order.status).toBe('active');
    expect(
      endedOrder({ ...order, note: undefined } as unknown as fhir4.ServiceRequest, end)?.note,
    ).toEqual([end.note]);
  });

  it.each<[string, Parameters<typeof orderEnd>[2], string]>([
    [
      'a status',
      { status: 'completed', at },
      "the partner's status is completed, as of 2026-11-20.",
    ],
    [
      'a coded reason',
      { status: 'failed', reason: 'unable-to-reach', at },
      'is failed, reason: unable-to-reach, as of 2026-11-20.',
    ],
    [
      'the codes of the partner',
      {
        status: 'rejected',
        at,
        coded: [
          { system: systems.sdohcc, code: 'no-capacity' },
          { system: systems.snomed, code: '183932001' },
        ],
      },
      'is rejected, reason: SDOHCC no-capacity; SNOMED CT 183932001, as of 2026-11-20.',
    ],
    [
      'a reason of ours once',
      {
        status: 'failed',
        reason: 'unable-to-reach',
        at,
        coded: [{ system: systems.declineReason, code: 'unable-to-reach' }],
      },
      'is failed, reason: unable-to-reach, as of 2026-11-20.',
    ],
    [
      'no free words',
      { status: 'failed', reason: 'She never Came', at },
      'is failed, as of 2026-11-20.',
    ],
    ['no status that is none', { status: 'Done & gone', at }, 'is unknown, as of 2026-11-20.'],
  ])('says in one sentence: %s', (_title, task, text) => {
    expect(orderEnd('revoked', 'food-insecurity', task, 'UTC').note.text).toContain(text);
  });

  it.each([
    ['UTC', '2026-11-21'],
    ['America/Chicago', '2026-11-20'],
    ['Asia/Tokyo', '2026-11-21'],
  ])('names the day of the site: in %s it is %s', (zone, day) => {
    const { note } = orderEnd(
      'completed',
      'food-insecurity',
      { status: 'completed', at: new Date('2026-11-21T02:00:00Z') },
      zone,
    );
    expect(note).toMatchObject({
      time: '2026-11-21T02:00:00.000Z',
      text: expect.stringContaining(`as of ${day}.`),
    });
  });

  it.each(['active', 'on-hold', 'draft'])('ends one that is %s', (status) => {
    expect(endedOrder({ ...order, status: status as 'active' }, end)?.status).toBe('completed');
  });

  it.each(['revoked', 'entered-in-error', 'completed', 'unknown', 'Active', undefined])(
    'leaves one alone that is %s',
    (status) => {
      expect(endedOrder({ ...order, status: status as 'active' }, end)).toBeUndefined();
    },
  );

  it.each([[{ text: 'one' }], ['text'], [[null]]])(
    'leaves one alone whose notes are %j',
    (note) => {
      expect(
        endedOrder({ ...order, note } as unknown as fhir4.ServiceRequest, end),
      ).toBeUndefined();
    },
  );

  it('is known again by status and sentence', () => {
    const ended = endedOrder(order, end) as fhir4.ServiceRequest;
    expect([isEndedSo(ended, end), showsEnd(ended, end)]).toEqual([true, true]);
    const other: OrderEnd = { ...end, status: 'revoked' };
    expect([isEndedSo(ended, other), showsEnd({ ...ended, note: [] }, end)]).toEqual([
      false,
      false,
    ]);
  });
});
