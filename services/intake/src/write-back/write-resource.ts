import type { fhir4 } from '@loopwell/fhir';
import { refusalWords } from '@loopwell/fhir/client';
import { AppError, errorRecord } from '@loopwell/kit';
import { lostIn, saysOther, showsTakenBack, takenBack } from './altered.ts';
import { type Copy, carriesOurName, isAsWanted, isUntouched } from './write-back.ts';

export type Versioned = { resource: fhir4.Resource; etag?: string | undefined };

/** The functions of an EHR that write-back needs. DECISIONS D14. */
export type EhrWriter = {
  /**
   * Creates a resource. `isNew` says that the EHR made one (201) and did not find an existing one.
   */
  create: (
    resource: fhir4.Resource,
    madeId: string,
    mayGo: () => boolean,
  ) => Promise<{ id: string; etag?: string | undefined; isNew?: boolean | undefined }>;
  update: (
    resource: fhir4.Resource & { id: string },
    etag: string | undefined,
    mayGo: () => boolean,
  ) => Promise<{ etag?: string | undefined }>;
  read: (type: string, id: string) => Promise<Versioned>;
  /**
   * Searches for our resource by its identifier. `wasTold` says that the answer shows that the EHR
   * looked for it.
   */
  find: (
    resource: fhir4.Resource,
    madeId: string,
  ) => Promise<{ existing?: (Versioned & { id: string }) | undefined; wasTold: boolean }>;
  /** Whether its CapabilityStatement lists a type; undefined when it is unknown. */
  offers: (type: string) => Promise<boolean | undefined>;
};

/**
 * The outcome of one write. `denied` means that it was perhaps written, and the EHR says that it
 * has nothing; it is asked once more.
 */
export type Put =
  /** The EHR does not keep this type, and nothing depends on it. */
  | { kind: 'left-out'; status?: number | undefined; issueCode?: string | undefined }
  | { kind: 'done'; id: string; etag?: string | undefined }
  | {
      kind: 'refused';
      id?: string | undefined;
      status?: number | undefined;
      issueCode?: string | undefined;
      words?: string | undefined;
    }
  | Altered
  | { kind: 'denied' };

/**
 * The EHR accepted the resource and stores something else. `lost` names the elements that differ
 * from what was sent.
 */
export type Altered = {
  kind: 'altered';
  id: string;
  etag?: string | undefined;
  lost: readonly string[];
  sent: fhir4.Resource;
  stored: fhir4.Resource;
  /** True when it said something different and is now marked as entered in error there. */
  takenBack: boolean;
};

export type PutContext = {
  writer: EhrWriter;
  copy: Copy;
  resource: fhir4.Resource;
  /** Earlier versions of the resource as the EHR would hold them. */
  before: readonly fhir4.Resource[];
  /** Whether the write may go, checked right before a request. */
  mayGo: () => boolean;
  /** Saves the receipt. No request may go before. */
  intend: () => Promise<void>;
  now: Date;
  askAgainMs: number;
};

/**
 * Writes one resource into the EHR and reads it again. A refusal becomes `refused`; a request that
 * could not be made throws and is tried again. A receipt that is still `intended` means that the
 * resource was perhaps written: the EHR is asked for our identifier before another create.
 * If-None-Exist is always sent, too, but not all servers know it. A "no" counts only if the server
 * shows that it looked, twice, some time apart; if it cannot be asked, a person decides. An update
 * never overwrites another party's changes.
 */
export async function put(context: PutContext): Promise<Put> {
  const { copy } = context;
  try {
    if (copy.row.ehr_id !== null)
      return await update(context, copy.row.ehr_id, copy.row.etag ?? undefined);
    // Without If-None-Exist only a search tells whether an earlier data directory has written it.
    if (copy.row.intended_at !== null || copy.row.type === 'Provenance') {
      const { existing, wasTold } = await ask(context);
      if (existing) return await update(context, existing.id, undefined);
      const wait = copy.row.intended_at === null ? undefined : afterNo(context, wasTold);
      if (wait) return wait;
    }
    await context.intend();
    const created = await context.writer.create(
      context.resource,
      copy.row.own_resource,
      context.mayGo,
    );
    return await prove(context, created.id, created.isNew === true);
  } catch (error) {
    return refusal(error);
  }
}

async function ask({ writer, copy, resource }: PutContext): ReturnType<EhrWriter['find']> {
  try {
    return await writer.find(resource, copy.row.own_resource);
  } catch (error) {
    // An EHR that does not search by identifier cannot be asked. That counts as an answer.
    if (isAboutResource(error)) return { wasTold: false };
    throw error;
  }
}

function afterNo({ copy, now, askAgainMs }: PutContext, wasTold: boolean): Put | undefined {
  const { denied_at } = copy.row;
  if (!wasTold) {
    const facts = { made: copy.row.own_resource, type: copy.row.type };
    throw new AppError(
      'OUTCOME_UNKNOWN',
      'The EHR may hold this resource and cannot be asked for it',
      { retryable: false, facts },
    );
  }
  const isEnough = denied_at !== null && now.getTime() - denied_at.getTime() >= askAgainMs;
  return isEnough ? undefined : { kind: 'denied' };
}

/**
 * Updates a resource after reading it. A resource that is already as wanted is done; one that was
 * changed or removed there stays unchanged.
 */
async function update(context: PutContext, id: string, etag: string | undefined): Promise<Put> {
  const { writer, resource, copy } = context;
  const current = await writer.read(resource.resourceType, id);
  if (isAsWanted(resource, current.resource, copy.row.own_resource))
    return { kind: 'done', id, etag: current.etag };
  if (!isStillOurs(context, current, etag)) return notOurs(context, id, current);
  await context.intend();
  try {
    await writer.update({ ...resource, id }, current.etag ?? etag, context.mayGo);
  } catch (error) {
    const { facts } = errorRecord(error);
    if (!isAboutResource(error) || (facts.status !== 409 && facts.status !== 412)) throw error;
    const again = await writer.read(resource.resourceType, id);
    if (!isAsWanted(resource, again.resource, copy.row.own_resource))
      return {
        kind: 'refused',
        id,
        status: Number(facts.status),
        issueCode: 'conflict',
        words: refusalWords(error),
      };
  }
  return prove(context, id, true);
}

/**
 * Returns the outcome for a resource that was changed, or that the EHR altered at our first write,
 * which ended before the second read. The latter is recognized by its content and left to a person,
 * because it is unknown who changed it.
 */
function notOurs(
  { resource, before, copy }: PutContext,
  id: string,
  { resource: shown, etag }: Versioned,
): Put {
  const lost = lostIn(resource, shown);
  const isUnproved = copy.row.intended_at !== null && copy.row.written_version === null;
  const says = [resource, ...before].every((one) => saysOther(one, lostIn(one, shown)));
  if (isUnproved && says)
    return { kind: 'altered', id, etag, lost, sent: resource, stored: shown, takenBack: false };
  return { kind: 'refused', id, status: 412, issueCode: 'conflict' };
}

/**
 * Returns whether the EHR's resource is as we left it: by its version where we know it, else by its
 * content, which must be one that we wrote.
 */
function isStillOurs(
  { before, copy }: PutContext,
  current: Versioned,
  etag: string | undefined,
): boolean {
  if (etag !== undefined && current.etag !== undefined) return current.etag === etag;
  return isUntouched(before, current.resource, copy.row.own_resource);
}

/**
 * Reads a written resource again. If the EHR altered it, it is corrected once. If it is still
 * altered and says something different, it is marked as entered in error, where the EHR allows
 * that.
 * @param isSurelyOurs we just created or changed it; a resource of another party is never corrected
 */
async function prove(context: PutContext, id: string, isSurelyOurs: boolean): Promise<Put> {
  const { copy, resource } = context;
  try {
    const read = await readWritten(context, id);
    const lost = lostIn(resource, read.resource);
    const isNamed = carriesOurName(resource, read.resource, copy.row.own_resource);
    if (lost.length === 0 && isNamed) return { kind: 'done', id, etag: read.etag };
    const altered: Altered = {
      kind: 'altered',
      id,
      etag: read.etag,
      lost,
      sent: resource,
      stored: read.resource,
      takenBack: false,
    };
    if (!isSurelyOurs && !isNamed) return altered;
    return await putRight(context, altered);
  } catch (error) {
    const outcome = refusal(error);
    return outcome.kind === 'refused' ? { ...outcome, id } : outcome;
  }
}

async function readWritten({ writer, resource }: PutContext, id: string): Promise<Versioned> {
  try {
    return await writer.read(resource.resourceType, id);
  } catch (error) {
    const { facts } = errorRecord(error);
    if (!isAboutResource(error) || ![404, 410].includes(Number(facts.status))) throw error;
    throw new AppError('OUTCOME_UNKNOWN', 'The EHR took a resource and does not show it', {
      facts,
    });
  }
}

async function putRight(context: PutContext, altered: Altered): Promise<Put> {
  const { resource } = context;
  const corrected = await putAgain(context, altered, resource);
  if (corrected && lostIn(resource, corrected.resource).length === 0)
    return { kind: 'done', id: altered.id, etag: corrected.etag };
  const now: Altered = corrected
    ? { ...altered, etag: corrected.etag, stored: corrected.resource }
    : altered;
  const left = { ...now, lost: lostIn(resource, now.stored) };
  const mistake = saysOther(resource, left.lost) ? takenBack(resource) : undefined;
  const back = mistake && (await putAgain(context, left, mistake));
  if (!back) return left;
  return { ...left, etag: back.etag, takenBack: showsTakenBack(back.resource) };
}

/**
 * Updates the version that was read, and reads it again; returns undefined when the EHR refuses, or
 * another change came first.
 */
async function putAgain(
  { writer, mayGo }: PutContext,
  { id, etag }: Altered,
  resource: fhir4.Resource,
): Promise<Versioned | undefined> {
  try {
    await writer.update({ ...resource, id }, etag, mayGo);
    return await writer.read(resource.resourceType, id);
  } catch (error) {
    if (isAboutResource(error)) return undefined;
    throw error;
  }
}

/**
 * Returns whether an error is about the resource. A 401 and problems with the token are about our
 * access.
 */
function isAboutResource(error: unknown): boolean {
  const { code, facts } = errorRecord(error);
  const status = Number(facts.status);
  return (
    code === 'REMOTE_REFUSED' && facts.interaction !== 'token' && status >= 400 && status !== 401
  );
}

/**
 * Returns the outcome of a refused write.
 * @throws the error itself when it is not about the resource
 */
export function refusal(error: unknown): Put {
  if (!isAboutResource(error)) throw error;
  const { facts } = errorRecord(error);
  const issueCode = typeof facts.issueCode === 'string' ? facts.issueCode : undefined;
  return { kind: 'refused', status: Number(facts.status), issueCode, words: refusalWords(error) };
}
