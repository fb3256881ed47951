import { givesAny, newestAfter, pullWindow, quirksOf } from '@loopwell/ehrs';
import { type fhir4, withoutUndefined } from '@loopwell/fhir';
import { tellsAll } from '@loopwell/fhir/client';
import { errorRecord } from '@loopwell/kit';
import type { EhrReader } from '../pull/ports.ts';
import type { Around } from '../pull/read-around-holes.ts';
import type { KnownForms } from '../pull/search-forms.ts';
import { ifNoneExist, oursAmong, questionOf } from '../write-back/write-back.ts';
import type { EhrWriter } from '../write-back/write-resource.ts';
import type { FindEhr } from './ehrs.ts';

/**
 * Returns a handler that gives `otherwise` for a record that the EHR cannot show. That record is
 * found when its window is read.
 */
const unlessBadRecord =
  <T>(otherwise: T) =>
  (error: unknown): T => {
    if (errorRecord(error).facts.badRecord === true) return otherwise;
    throw error;
  };

/**
 * Creates the reader with which pull reads an EHR. It looks up the connection at each read, so that
 * a changed configuration takes effect.
 */
export const readerOf = (
  id: string,
  findEhr: FindEhr,
  knownForms: KnownForms,
  around: Around,
): EhrReader => ({
  serverNow: async () => (await findEhr(id)).client.serverNow(),
  async *pages(window) {
    const { client, quirks } = await findEhr(id);
    const forms = await knownForms.formsOf(id);
    yield* around.pages(id, client, window, (by, part) =>
      pullWindow(by, quirksOf(quirks), part, forms),
    );
  },
  offers: (type) => offersOf(id, findEhr, type),
  newestAfter: async (type, after) => {
    const { client, quirks } = await findEhr(id);
    return newestAfter(client, quirksOf(quirks), type, after, await knownForms.formsOf(id)).catch(
      unlessBadRecord(undefined),
    );
  },
  gives: async (type, patient) => {
    const { client, quirks } = await findEhr(id);
    return givesAny(client, quirksOf(quirks), type, patient, await knownForms.formsOf(id)).catch(
      unlessBadRecord(false),
    );
  },
  metadataStatus: async () => {
    const { client } = await findEhr(id);
    return client.capabilities().then(
      () => 200,
      (error: unknown) => {
        const { status } = errorRecord(error).facts;
        return typeof status === 'number' ? status : undefined;
      },
    );
  },
  isWhole: async (type, byPatient) =>
    (await knownForms.formsOf(id)).formOf(type, byPatient)?.time === 'none',
});

const offersOf = async (id: string, findEhr: FindEhr, type: string): Promise<boolean | undefined> =>
  offersType(await (await findEhr(id)).client.capabilities().catch(() => undefined), type);

/**
 * Returns whether a CapabilityStatement lists a type in `rest.resource`; undefined when the list is
 * empty, because a server may omit it and still have everything.
 */
function offersType(
  statement: fhir4.CapabilityStatement | undefined,
  type: string,
): boolean | undefined {
  const rest: unknown = statement?.rest;
  const listed = (
    Array.isArray(rest) ? (rest as (fhir4.CapabilityStatementRest | null)[]) : []
  ).flatMap((one) => (Array.isArray(one?.resource) ? one.resource : []));
  return listed.length === 0 ? undefined : listed.some((one) => one?.type === type);
}

/** Creates the writer with which write-back writes into an EHR and asks what it has. */
export const writerOf = (id: string, findEhr: FindEhr): EhrWriter => ({
  offers: (type) => offersOf(id, findEhr, type),
  create: async (resource, madeId, mayGo) =>
    (await findEhr(id)).client.create(resource, ifNoneExist(resource, madeId), mayGo),
  update: async (resource, etag, mayGo) => (await findEhr(id)).client.update(resource, etag, mayGo),
  read: async (type, resourceId) => (await findEhr(id)).client.read(type, resourceId),
  find: async (resource, madeId) => {
    const { parameter, text } = questionOf(resource, madeId);
    const page = await (await findEhr(id)).client.search(resource.resourceType, {
      [parameter]: text,
    });
    const existing = oursAmong(page.resources, resource, madeId);
    const version = existing?.meta?.versionId;
    return {
      wasTold: tellsAll(page, parameter),
      ...withoutUndefined({
        existing: existing?.id
          ? {
              id: existing.id,
              resource: existing,
              etag: version ? `W/"${version}"` : undefined,
            }
          : undefined,
      }),
    };
  },
});
