import type { fhir4 } from '@loopwell/fhir';
import { AppError } from '@loopwell/kit';
import type { WriteBack } from '@loopwell/store';
import { describe, expect, it } from 'vitest';
import { oursAmong } from './write-back.ts';
import { type EhrWriter, type PutContext, put } from './write-resource.ts';

type Stored = fhir4.ServiceRequest & { id: string; meta: { versionId: string } };
type Manner = {
  ignoresIfNoneExist?: boolean;
  ignoresIfMatch?: boolean;
  cannotSearch?: boolean;
  doesNotTell?: boolean;
  cutAfterStoring?: boolean;
  refuses?: number;
};

/** An EHR in memory, with manners. */
function ehrOf(manner: Manner = {}, stored: Stored[] = []) {
  const refused = (status: number, interaction: string) =>
    new AppError('REMOTE_REFUSED', 'The other server refused a request', {
      facts: { status, interaction, issueCode: 'business-rule' },
    });
  const calls: string[] = [];
  const writer: EhrWriter = {
    offers: async () => undefined,
    async create(resource, madeId) {
      calls.push('create');
      if (manner.refuses) throw refused(manner.refuses, 'create');
      const there = oursAmong(stored, resource, madeId);
      const one =
        there && !manner.ignoresIfNoneExist
          ? there
          : {
              ...(resource as fhir4.ServiceRequest),
              id: `e${stored.length + 1}`,
              meta: { versionId: '1' },
            };
      if (one !== there) stored.push(one);
      if (manner.cutAfterStoring)
        throw new AppError('OUTCOME_UNKNOWN', 'The server may or may not have taken a resource');
      return { id: one.id };
    },
    async update(resource, etag) {
      calls.push('update');
      if (manner.refuses) throw refused(manner.refuses, 'update');
      const index = stored.findIndex((one) => one.id === resource.id);
      const before = stored[index];
      if (!manner.ignoresIfMatch && etag !== `W/"${before?.meta.versionId}"`)
        throw refused(412, 'update');
      stored[index] = {
        ...(resource as fhir4.ServiceRequest),
        id: resource.id,
        meta: { versionId: String(Number(before?.meta.versionId) + 1) },
      };
      if (manner.cutAfterStoring)
        throw new AppError('OUTCOME_UNKNOWN', 'The server may or may not have taken a resource');
      return {};
    },
    async read(_type, id) {
      const one = stored.find((other) => other.id === id);
      if (!one) throw refused(404, 'read');
      return { resource: one, etag: `W/"${one.meta.versionId}"` };
    },
    async find(resource, madeId) {
      calls.push('find');
      if (manner.cannotSearch) throw refused(400, 'search');
      const one = manner.doesNotTell ? undefined : oursAmong(stored, resource, madeId);
      return {
        wasTold: !manner.doesNotTell,
        ...(one
          ? { existing: { id: one.id, resource: one, etag: `W/"${one.meta.versionId}"` } }
          : {}),
      };
    },
  };
  return { writer, stored, calls };
}

const made = '11111111-1111-5111-8111-111111111111';
const request = (status: 'active' | 'completed' = 'active'): fhir4.ServiceRequest => ({
  resourceType: 'ServiceRequest',
  identifier: [{ system: 'https://loopwell.example/fhir/NamingSystem/id', value: made }],
  status,
  intent: 'order',
  code: { coding: [{ system: 'http://snomed.info/sct', code: '467771000124109' }] },
  subject: { reference: 'Patient/p1' },
});
const stored = (more: Partial<Stored> = {}, version = '1'): Stored => ({
  ...request(),
  id: 'e1',
  ...more,
  meta: { versionId: version },
});
const row = (more: Partial<WriteBack> = {}) =>
  ({
    own_resource: made,
    type: 'ServiceRequest',
    ehr_id: null,
    etag: null,
    intended_at: null,
    denied_at: null,
    written_version: null,
    wanted_version: 1,
    ...more,
  }) as WriteBack;

async function bring(
  writer: EhrWriter,
  more: {
    row?: Partial<WriteBack>;
    wanted?: fhir4.ServiceRequest;
    before?: fhir4.Resource[];
    now?: Date;
  } = {},
) {
  const resource = more.wanted ?? request();
  const context: PutContext = {
    writer,
    copy: { row: row(more.row), body: resource, earlier: [] },
    resource,
    before: more.before ?? [],
    mayGo: () => true,
    intend: async () => {},
    now: more.now ?? new Date('2026-11-25T10:00:10Z'),
    askAgainMs: 5_000,
  };
  return put(context).catch((error) => ({
    error: (error as AppError).code,
    retryable: (error as AppError).retryable,
  }));
}
const intended = { intended_at: new Date('2026-11-25T10:00:00Z') };

describe('a write into the EHR', () => {
  it('creates, and reads again to prove it', async () => {
    const ehr = ehrOf();
    expect(await bring(ehr.writer)).toEqual({ kind: 'done', id: 'e1', etag: 'W/"1"' });
  });

  it('creates nothing twice at an EHR that ignores If-None-Exist, after an answer that never came', async () => {
    const ehr = ehrOf({ ignoresIfNoneExist: true, cutAfterStoring: true });
    expect(await bring(ehr.writer)).toEqual({ error: 'OUTCOME_UNKNOWN', retryable: true });
    expect(await bring(ehr.writer, { row: intended })).toEqual({
      kind: 'done',
      id: 'e1',
      etag: 'W/"1"',
    });
    expect(ehr.stored).toHaveLength(1);
  });

  it('creates nothing twice after the data directory was lost', async () => {
    const ehr = ehrOf({}, [stored()]);
    expect(await bring(ehr.writer)).toMatchObject({ kind: 'done', id: 'e1' });
    expect(ehr.stored).toHaveLength(1);
  });

  it('believes a "no" only twice, some time apart, when it was perhaps written', async () => {
    const ehr = ehrOf();
    expect(await bring(ehr.writer, { row: intended })).toEqual({ kind: 'denied' });
    const denied = { ...intended, denied_at: new Date('2026-11-25T10:00:10Z') };
    expect(await bring(ehr.writer, { row: denied, now: new Date('2026-11-25T10:00:14Z') })).toEqual(
      { kind: 'denied' },
    );
    expect(ehr.stored).toHaveLength(0);
    expect(
      await bring(ehr.writer, { row: denied, now: new Date('2026-11-25T10:00:16Z') }),
    ).toMatchObject({ kind: 'done' });
  });

  it.each([
    ['cannot search by identifier', { cannotSearch: true }],
    ['does not show that it looked', { doesNotTell: true }],
  ] satisfies [string, Manner][])(
    'leaves it to a person when it was perhaps written and the EHR %s',
    async (_what, manner) => {
      const ehr = ehrOf(manner);
      expect(await bring(ehr.writer)).toMatchObject({ kind: 'done' });
      expect(await bring(ehr.writer, { row: intended })).toEqual({
        error: 'OUTCOME_UNKNOWN',
        retryable: false,
      });
      expect(ehr.calls.filter((one) => one === 'create')).toHaveLength(1);
    },
  );

  it.each([400, 403, 404, 405, 409, 412, 422])('lists a refusal with %d', async (status) => {
    expect(await bring(ehrOf({ refuses: status }).writer)).toEqual({
      kind: 'refused',
      status,
      issueCode: 'business-rule',
    });
  });

  it('does not blame the resource for a token that was refused', async () => {
    expect(await bring(ehrOf({ refuses: 401 }).writer)).toEqual({
      error: 'REMOTE_REFUSED',
      retryable: false,
    });
  });
});

describe('an EHR that stores something other than was sent', () => {
  type Shown = fhir4.Resource & Record<string, unknown>;
  const suggestion: Shown = {
    resourceType: 'Condition',
    identifier: [{ system: 'https://loopwell.example/fhir/NamingSystem/id', value: made }],
    clinicalStatus: { coding: [{ code: 'active' }] },
    verificationStatus: { coding: [{ code: 'unconfirmed' }] },
    category: [{ coding: [{ code: 'health-concern' }] }],
    code: {
      coding: [{ system: 'http://snomed.info/sct', code: '733423003' }],
      text: 'Food insecurity',
    },
    subject: { reference: 'Patient/p1' },
    evidence: [{ detail: [{ reference: 'Observation/o1' }] }],
  };

  type Alter = (resource: Shown, writes: number) => Shown;
  type How = { alter: Alter; isNew?: boolean; refusesPut?: boolean };

  /** Keeps what `alter` makes of each write. */
  function altering({ alter, isNew = true, refusesPut = false }: How) {
    const puts: Shown[] = [];
    let [kept, writes]: [Shown | undefined, number] = [undefined, 0];
    const store = (resource: fhir4.Resource) => {
      writes += 1;
      kept = { ...alter(resource as Shown, writes), id: 'c1', meta: { versionId: String(writes) } };
    };
    const writer: EhrWriter = {
      create: async (resource) => {
        store(resource);
        return { id: 'c1', isNew };
      },
      update: async (resource) => {
        puts.push(resource as unknown as Shown);
        if (refusesPut)
          throw new AppError('REMOTE_REFUSED', 'refused', {
            facts: { status: 405, interaction: 'update', issueCode: 'not-supported' },
          });
        store(resource);
        return {};
      },
      offers: async () => true,
      read: async () => ({ resource: kept as fhir4.Resource, etag: `W/"${writes}"` }),
      find: async () => ({
        wasTold: true,
        ...(kept ? { existing: { id: 'c1', resource: kept as fhir4.Resource } } : {}),
      }),
    };
    return { writer, puts, kept: () => kept as Shown };
  }
  const confirmed = (one: Shown): Shown => ({
    ...one,
    verificationStatus: { coding: [{ code: 'confirmed' }] },
  });
  const write = (how: How, resource: Shown = suggestion, more: Partial<WriteBack> = {}) => {
    const ehr = altering(how);
    return {
      ehr,
      told: bring(ehr.writer, {
        wanted: resource as never,
        row: { type: resource.resourceType, ...more } as Partial<WriteBack>,
      }),
    };
  };

  it.each([
    ['confirmed', confirmed, ['verificationStatus']],
    [
      'without verificationStatus',
      ({ verificationStatus: _gone, ...one }: Shown) => one as Shown,
      ['verificationStatus'],
    ],
    [
      'with another code',
      (one: Shown): Shown => ({ ...one, code: { coding: [{ code: '1' }] } }),
      ['code'],
    ],
    [
      'of another person',
      (one: Shown): Shown => ({ ...one, subject: { reference: 'Patient/p2' } }),
      ['subject'],
    ],
  ] satisfies [string, Alter, string[]][])(
    '%s and keeps doing so: it is altered, and where it cannot be taken back a person’s',
    async (_what, alter, lost) => {
      const { ehr, told } = write({ alter, refusesPut: true });
      expect(await told).toMatchObject({
        kind: 'altered',
        id: 'c1',
        lost,
        takenBack: false,
        sent: suggestion,
        stored: alter(suggestion),
      });
      // Corrected first, then taken back: both were tried.
      expect(ehr.puts).toHaveLength(2);
    },
  );

  it('is put right where that is allowed', async () => {
    const { ehr, told } = write({ alter: (one, writes) => (writes === 1 ? confirmed(one) : one) });
    expect(await told).toMatchObject({ kind: 'done', id: 'c1' });
    expect(ehr.kept().verificationStatus).toEqual(suggestion.verificationStatus);
  });

  it('as confirmed whatever we say is taken back as a mistake', async () => {
    const isMistake = (one: Shown) =>
      JSON.stringify(one.verificationStatus).includes('entered-in-error');
    const { ehr, told } = write({ alter: (one) => (isMistake(one) ? one : confirmed(one)) });
    expect(await told).toMatchObject({
      kind: 'altered',
      lost: ['verificationStatus'],
      takenBack: true,
      stored: confirmed(suggestion),
      etag: 'W/"3"',
    });
    expect(isMistake(ehr.kept())).toBe(true);
    expect(ehr.kept()).not.toHaveProperty('clinicalStatus');
  });

  it.each([
    ['the identifier', ({ identifier: _gone, ...one }: Shown) => one as Shown, ['identifier']],
    [
      'the category',
      (one: Shown): Shown => ({ ...one, category: [{ coding: [{ code: 'problem-list-item' }] }] }),
      ['category'],
    ],
    ['the evidence', ({ evidence: _gone, ...one }: Shown) => one as Shown, ['evidence']],
  ] satisfies [string, Alter, string[]][])(
    'loses %s: it is altered, told with both versions, and stays',
    async (_what, alter, lost) => {
      const { ehr, told } = write({ alter });
      expect(await told).toMatchObject({ kind: 'altered', lost, takenBack: false });
      expect(JSON.stringify(ehr.kept())).not.toContain('entered-in-error');
    },
  );

  it('puts nothing right that may be somebody else’s: one that was there, without our identifier', async () => {
    const alter = ({ identifier: _gone, ...one }: Shown) => confirmed(one as Shown);
    const { ehr, told } = write({ alter, isNew: false });
    expect(await told).toMatchObject({ kind: 'altered', takenBack: false });
    expect(ehr.puts).toEqual([]);
  });

  it('and whose answer never came is altered, not refused, and left to a person', async () => {
    const ehr = altering({ alter: confirmed });
    await ehr.writer.create(suggestion as fhir4.Resource, made, () => true);
    expect(
      await bring(ehr.writer, {
        wanted: suggestion as never,
        row: { type: 'Condition', ...intended } as Partial<WriteBack>,
      }),
    ).toMatchObject({
      kind: 'altered',
      lost: ['verificationStatus'],
      takenBack: false,
    });
    expect(ehr.puts).toEqual([]);
  });

  it.each([
    [
      'Observation',
      {
        status: 'final',
        code: { coding: [{ code: 'a' }] },
        valueCodeableConcept: { coding: [{ code: 'x' }] },
      },
      'valueCodeableConcept',
      true,
    ],
    ['Procedure', { status: 'completed', code: { coding: [{ code: 'a' }] } }, 'code', true],
    [
      'ServiceRequest',
      { status: 'active', intent: 'order', code: { coding: [{ code: 'a' }] } },
      'code',
      true,
    ],
    [
      'ServiceRequest',
      { status: 'active', intent: 'order', code: { coding: [{ code: 'a' }] } },
      'status',
      false,
    ],
  ])('as a %s with another %s', async (resourceType, body, element, isTakenBack) => {
    const resource: Shown = {
      resourceType,
      identifier: suggestion.identifier,
      subject: suggestion.subject,
      ...body,
    } as Shown;
    const other = element === 'status' ? 'draft' : { coding: [{ code: 'other' }] };
    const alter = (one: Shown): Shown =>
      one.status === 'entered-in-error' ? one : { ...one, [element]: other };
    const { told } = write({ alter }, resource);
    expect(await told).toMatchObject({ kind: 'altered', lost: [element], takenBack: isTakenBack });
  });

  it('adds words, narrative and codes of its own is not altered', async () => {
    const alter = (one: Shown): Shown => ({
      ...one,
      text: { status: 'generated' },
      recordedDate: '2026-11-29',
      code: {
        coding: [...((one.code as fhir4.CodeableConcept).coding ?? []), { code: 'Z59.41' }],
        text: 'Other words',
      },
      subject: { reference: 'https://ehr.example/fhir/Patient/p1', display: 'x' },
    });
    const { ehr, told } = write({ alter });
    expect(await told).toMatchObject({ kind: 'done' });
    expect(ehr.puts).toEqual([]);
  });
});

describe('an update in the EHR', () => {
  const known = { ehr_id: 'e1', etag: 'W/"1"', wanted_version: 2 };

  it('goes to the version that we left', async () => {
    const ehr = ehrOf({}, [stored()]);
    expect(await bring(ehr.writer, { row: known, wanted: request('completed') })).toEqual({
      kind: 'done',
      id: 'e1',
      etag: 'W/"2"',
    });
    expect(ehr.stored[0]?.status).toBe('completed');
  });

  it('is done when the EHR has it already, whatever its version', async () => {
    const ehr = ehrOf({}, [stored({ status: 'completed' }, '7')]);
    expect(await bring(ehr.writer, { row: known, wanted: request('completed') })).toEqual({
      kind: 'done',
      id: 'e1',
      etag: 'W/"7"',
    });
    expect(ehr.calls).toEqual([]);
  });

  it.each([{}, { ignoresIfMatch: true }])(
    'never overwrites what somebody else has changed, with %j',
    async (manner) => {
      const ehr = ehrOf(manner, [stored({ status: 'revoked' }, '2')]);
      expect(await bring(ehr.writer, { row: known, wanted: request('completed') })).toEqual({
        kind: 'refused',
        id: 'e1',
        status: 412,
        issueCode: 'conflict',
      });
      expect(ehr.stored[0]?.status).toBe('revoked');
    },
  );

  it('does not bring back what somebody has deleted', async () => {
    const ehr = ehrOf();
    expect(await bring(ehr.writer, { row: known, wanted: request('completed') })).toMatchObject({
      kind: 'refused',
      status: 404,
    });
    expect(ehr.stored).toHaveLength(0);
  });

  it('finds out what became of an update whose answer never came', async () => {
    const ehr = ehrOf({ cutAfterStoring: true }, [stored()]);
    expect(await bring(ehr.writer, { row: known, wanted: request('completed') })).toEqual({
      error: 'OUTCOME_UNKNOWN',
      retryable: true,
    });
    expect(
      await bring(ehr.writer, { row: { ...known, ...intended }, wanted: request('completed') }),
    ).toEqual({
      kind: 'done',
      id: 'e1',
      etag: 'W/"2"',
    });
  });

  it('goes on from an earlier version of ours whose answer never came, unless somebody has touched it', async () => {
    const ehr = ehrOf({}, [stored()]);
    expect(
      await bring(ehr.writer, { row: intended, wanted: request('completed'), before: [request()] }),
    ).toEqual({
      kind: 'done',
      id: 'e1',
      etag: 'W/"2"',
    });
    const touched = ehrOf({}, [stored({ note: [{ text: 'called her' }] })]);
    expect(
      await bring(touched.writer, {
        row: intended,
        wanted: request('completed'),
        before: [request()],
      }),
    ).toMatchObject({
      kind: 'refused',
      issueCode: 'conflict',
    });
  });
});
