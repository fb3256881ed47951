import type { fhir4 } from '@loopwell/fhir';
import type { ReferralRow, TaskRow } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import { close } from './close.ts';

const serviceRequest: fhir4.ServiceRequest = {
  resourceType: 'ServiceRequest',
  id: 's',
  status: 'active',
  intent: 'order',
  subject: {},
};
const of = (state: ReferralRow['state'], ...statuses: string[]) =>
  close({
    referral: { state } as ReferralRow,
    tasks: statuses.map((status, index) => ({ id: `t${index}`, status }) as TaskRow),
    serviceRequest,
  });

describe('the end of a loop', () => {
  it('is closed by a completed Task, and then our ServiceRequest is completed', () => {
    expect(of('partner', 'rejected', 'completed')).toEqual({
      state: 'closed',
      task: expect.objectContaining({ id: 't1' }),
      serviceRequest: { ...serviceRequest, status: 'completed' },
    });
  });

  it.each([[[]], [['requested']], [['accepted']], [['rejected', 'cancelled']], [['failed']]])(
    'is not made up from %j',
    (statuses) => expect(of('partner', ...statuses)).toBeUndefined(),
  );

  it.each(['closed', 'failed', 'withdrawn'] as const)(
    'comes once: a referral that is %s stays so',
    (state) => expect(of(state, 'completed')).toBeUndefined(),
  );
});
