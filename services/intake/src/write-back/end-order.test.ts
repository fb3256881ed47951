import type { fhir4 } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import { orderEnd } from '@loopwell/sdoh';
import type { WriteBack } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import { endOrder } from './end-order.ts';
import type { EhrWriter, PutContext } from './write-resource.ts';

const end = orderEnd('completed', 'food-insecurity', {
  status: 'completed',
  at: new Date('2026-11-20T15:00:00Z'),
});
const theirs = (more: object = {}): fhir4.ServiceRequest =>
  ({
    resourceType: 'ServiceRequest',
    id: 'o1',
    status: 'active',
    intent: 'order',
    code: { text: 'Food' },
    subject: { reference: 'Patient/1' },
    ...more,
  }) as fhir4.ServiceRequest;

type Manner = {
  etag?: string;
  refuses?: number;
  cut?: boolean;
  keepsNothing?: boolean;
  gone?: boolean;
};

function ehrOf(manner: Manner, stored = theirs()) {
  const state = { order: stored, puts: [] as { body: fhir4.Resource; etag: string | undefined }[] };
  const refused = (status: number, interaction: string) =>
    new AppError('REMOTE_REFUSED', 'The other server refused a request', {
      facts: { status, interaction },
    });
  const writer = {
    async read() {
      if (manner.gone) throw refused(404, 'read');
      return { resource: state.order, etag: manner.etag };
    },
    async update(body: fhir4.Resource, etag: string | undefined) {
      state.puts.push({ body, etag });
      if (manner.refuses) throw refused(manner.refuses, 'update');
      if (!manner.keepsNothing) state.order = body as fhir4.ServiceRequest;
      if (manner.cut)
        throw new AppError('OUTCOME_UNKNOWN', 'The server may or may not have taken a resource');
      return {};
    },
  } as unknown as EhrWriter;
  return { writer, state };
}

const bring = (writer: EhrWriter) => {
  const row = {
    own_resource: 'm',
    type: 'ServiceRequest',
    ehr_id: 'o1',
    change: JSON.stringify(end),
  } as WriteBack;
  const context: Pick<PutContext, 'writer' | 'copy' | 'mayGo' | 'intend'> = {
    writer,
    copy: { row, body: { resourceType: 'ServiceRequest' }, earlier: [] },
    mayGo: () => true,
    intend: async () => {},
  };
  return endOrder(context).catch((error) => ({ error: (error as AppError).code }));
};

describe("the EHR's own order at the end of ours", () => {
  it('is put back to the version that was read, with nothing but status and note changed', async () => {
    const { writer, state } = ehrOf({ etag: 'W/"3"' });
    expect(await bring(writer)).toEqual({ kind: 'done', id: 'o1', etag: 'W/"3"' });
    expect(state.puts).toEqual([
      { etag: 'W/"3"', body: { ...theirs(), status: 'completed', note: [end.note] } },
    ]);
  });

  it('is read first where the EHR tells no version', async () => {
    const { writer, state } = ehrOf({});
    expect(await bring(writer)).toMatchObject({ kind: 'done' });
    expect(state.puts).toMatchObject([{ etag: undefined }]);
  });

  it('is not written a second time after an answer that never came', async () => {
    const manner: Manner = { cut: true };
    const { writer, state } = ehrOf(manner);
    expect(await bring(writer)).toEqual({ error: 'OUTCOME_UNKNOWN' });
    expect(await bring(writer)).toMatchObject({ kind: 'done' });
    expect(state.puts).toHaveLength(1);
  });

  it('that a clinician has completed stays as it is', async () => {
    const { writer, state } = ehrOf({}, theirs({ status: 'completed' }));
    expect([(await bring(writer)) as object, state.puts]).toEqual([
      { kind: 'done', id: 'o1', etag: undefined },
      [],
    ]);
  });

  it.each(['revoked', 'entered-in-error'])(
    'that somebody has ended as %s stays so, and is listed',
    async (status) => {
      const { writer, state } = ehrOf({}, theirs({ status }));
      expect([(await bring(writer)) as object, state.puts]).toEqual([
        { kind: 'refused', id: 'o1', issueCode: 'conflict' },
        [],
      ]);
    },
  );

  it.each([400, 403, 409, 412, 422])(
    'is listed when the EHR refuses with %d, and not forced',
    async (status) => {
      const { writer, state } = ehrOf({ refuses: status });
      expect(await bring(writer)).toMatchObject({ kind: 'refused', id: 'o1', status });
      expect(state.puts).toHaveLength(1);
    },
  );

  it('is listed where it is gone, or where the EHR takes it and shows something else', async () => {
    expect(await bring(ehrOf({ gone: true }).writer)).toMatchObject({
      kind: 'refused',
      status: 404,
    });
    expect(await bring(ehrOf({ keepsNothing: true }).writer)).toMatchObject({
      kind: 'altered',
      lost: expect.arrayContaining(['status']),
    });
  });
});
