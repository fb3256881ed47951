import type { fhir4 } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import type { WriteBack } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import { putUnlessLeftOut } from './left-out.ts';
import type { EhrWriter, PutContext } from './write-resource.ts';

const made = '11111111-1111-5111-8111-111111111111';
const identifier = [{ system: 'urn:x', value: made }];
const bodies: Readonly<Record<string, object>> = {
  Device: { resourceType: 'Device', identifier },
  Provenance: { resourceType: 'Provenance', target: [{ reference: 'Condition/1' }] },
  Condition: { resourceType: 'Condition', identifier },
};

/** An EHR that refuses to create; `offers`: what its CapabilityStatement says of a type. */
async function told(
  type: string,
  status: number,
  more: { issueCode?: string; offers?: boolean; leftOut?: string[] } = {},
) {
  const calls: string[] = [];
  const refuse = (interaction: string) =>
    new AppError('REMOTE_REFUSED', 'The other server refused a request', {
      facts: { status, interaction, issueCode: more.issueCode },
    });
  const writer: EhrWriter = {
    create: async () => {
      calls.push('create');
      throw refuse('create');
    },
    update: async () => ({}),
    read: async () => {
      throw refuse('read');
    },
    find: async () => {
      throw refuse('search');
    },
    offers: async () => more.offers,
  };
  const context: PutContext = {
    writer,
    copy: {
      row: { type, own_resource: made, ehr_id: null, intended_at: null } as WriteBack,
      body: bodies[type] as fhir4.Resource,
      earlier: [],
    },
    resource: bodies[type] as fhir4.Resource,
    before: [],
    mayGo: () => true,
    intend: async () => {},
    now: new Date(),
    askAgainMs: 0,
  };
  return { ...(await putUnlessLeftOut(context, new Set(more.leftOut))), calls };
}

describe('an EHR that keeps no', () => {
  it.each([400, 403, 404, 405, 410, 422, 501])(
    'Device, and says so with %s, goes without',
    async (status) => {
      expect(await told('Device', status)).toMatchObject({ kind: 'left-out', status });
    },
  );

  it.each([404, 405, 410, 501])('Provenance, and says so with %s, goes without', async (status) => {
    expect(await told('Provenance', status)).toMatchObject({ kind: 'left-out', status });
  });

  it.each([
    ['says so by code', { issueCode: 'not-supported' }, 'left-out'],
    ['does not list it', { offers: false }, 'left-out'],
    ['lists it', { offers: true }, 'refused'],
    ['lists nothing', {}, 'refused'],
  ] as const)('Provenance is told by more than a 400 or 422: it %s', async (_name, more, kind) => {
    for (const status of [400, 403, 422])
      expect(await told('Provenance', status, more)).toMatchObject({ kind, status });
  });

  it('Provenance is not asked a second time', async () => {
    expect(await told('Provenance', 404, { leftOut: ['Provenance'] })).toEqual({
      kind: 'left-out',
      calls: [],
    });
  });

  it('Condition has refused something that people wait for', async () => {
    for (const status of [400, 404, 405, 501])
      expect(await told('Condition', status, { offers: false })).toMatchObject({
        kind: 'refused',
        status,
      });
  });
});
