import { patientElements } from '@loopwell/sdoh';
import type { GrantWish, TaskRow } from '@loopwell/store';
import type { ReferralFacts } from '../refer/model.ts';
import { partnerOf } from '../refer/refer.ts';
import { type Allowed, allowedBy } from './allowed.ts';

/** What a Task is about, by the ids under which its partner reads it. */
export type GrantSubject = {
  /** Our Organization, and the Device of this installation. */
  organization: string;
  device: string;
  /** The partner's copy of the Consent; undefined if it is not known. */
  consent: string | undefined;
  conditions: readonly string[];
  /** Procedures that the partner has given us because of the Task. */
  procedures: readonly string[];
  /** The form asks which contact may be used, and nothing speaks against it for this person. */
  mayShowContact: boolean;
};

/** The facts at the moment of judging, and at later moments at which they may change. */
export type GrantFacts = {
  now: Date;
  facts: ReferralFacts;
  /** Moments after now, the earliest first. */
  later: readonly { at: Date; facts: ReferralFacts }[];
  /** The limit that was kept when the Task was sent. */
  consentUntil: Date | undefined;
  readAfterEndMs: number;
};

/**
 * Says which grants should stand for a Task now. The person's data stands while the Task is open
 * and its consent permits. The order, who gave it, and the partner's own Procedures stay for a time
 * after the Task. Once the basis of a Task is taken back, only its status is left.
 *
 * DECISIONS D133.
 */
export function grantsOf(
  grantFacts: GrantFacts,
  task: TaskRow,
  subject: GrantSubject,
): GrantWish[] {
  const { facts, now } = grantFacts;
  const allowed = allowedAt(grantFacts, task, now, facts);
  const recordUntil = earliest(
    endOfRecord(grantFacts, task),
    firstWithout(grantFacts, task, ['nothing']),
  );
  const common = {
    tenant: task.tenant,
    partner: task.partner,
    task: task.id,
    referral: task.referral,
    person: task.person,
    after_end_ms: grantFacts.readAfterEndMs,
  };
  const grant = (type: string, id: string, elements = 'all'): GrantWish => ({
    ...common,
    ...{ type, id, elements, class: 'record', until: recordUntil ?? null },
  });
  if (allowed === 'nothing') return statusOf(grantFacts, task, grant('Task', task.id, 'status'));
  if (recordUntil && recordUntil <= now) return [];
  const record = [
    grant('Task', task.id),
    grant('Organization', subject.organization),
    grant('Organization', task.partner),
    ...subject.procedures.map((id) => grant('Procedure', id)),
  ];
  const order = facts.referral.service_request;
  if (order !== null) record.push(grant('ServiceRequest', order));
  if (allowed === 'order') return record;
  const personalUntil = earliest(
    earliest(grantFacts.consentUntil, permitUntil(facts, task)),
    firstWithout(grantFacts, task, ['order', 'nothing']),
  );
  const personal = { class: 'personal' as const, until: personalUntil ?? null };
  const elements = elementsFor(facts, task, subject);
  const grants = personalOf(task, subject, elements, grant);
  return [...record, ...grants.map((one) => ({ ...one, ...personal }))];
}

/** Lists the parts of the Patient that the consent of a Task lets its partner read. */
function elementsFor(facts: ReferralFacts, task: TaskRow, { mayShowContact }: GrantSubject) {
  const consent = facts.consentFor(partnerOf(task));
  const scope = consent.kind === 'permit' ? facts.scopeOf(consent) : undefined;
  return patientElements(scope, mayShowContact).join(' ');
}

/** Lists the grants about the person. */
function personalOf(
  task: TaskRow,
  subject: GrantSubject,
  elements: string,
  grant: (type: string, id: string, elements?: string) => GrantWish,
): GrantWish[] {
  const grants = [
    grant('Patient', task.person, elements),
    grant('Device', subject.device),
    ...subject.conditions.map((id) => grant('Condition', id)),
  ];
  if (subject.consent !== undefined) grants.push(grant('Consent', subject.consent));
  return grants;
}

/** Lists what stays of a Task that was taken back: its status, for a partner that has it. */
function statusOf(grantFacts: GrantFacts, task: TaskRow, status: GrantWish): GrantWish[] {
  const until = endOfRecord(grantFacts, task) ?? null;
  const isOver = until !== null && until <= grantFacts.now;
  return task.remote_id === null || isOver ? [] : [{ ...status, until }];
}

/** Gives the moment from which nothing of an ended Task is shown; undefined for an open one. */
function endOfRecord({ readAfterEndMs }: GrantFacts, task: TaskRow): Date | undefined {
  if (task.live) return undefined;
  return new Date((task.ended_at ?? task.changed_at).getTime() + readAfterEndMs);
}

function allowedAt(
  { consentUntil }: GrantFacts,
  task: TaskRow,
  at: Date,
  facts: ReferralFacts,
): Allowed {
  return allowedBy(facts, task, consentUntil !== undefined && consentUntil <= at);
}

/** Gives the first later moment at which as little as this is allowed. */
function firstWithout(
  grantFacts: GrantFacts,
  task: TaskRow,
  stricter: readonly Allowed[],
): Date | undefined {
  return grantFacts.later.find(({ at, facts }) =>
    stricter.includes(allowedAt(grantFacts, task, at, facts)),
  )?.at;
}

function permitUntil(facts: ReferralFacts, task: TaskRow): Date | undefined {
  const consent = facts.consentFor(partnerOf(task));
  return consent.kind === 'permit' && consent.until !== undefined
    ? new Date(consent.until)
    : undefined;
}

function earliest(first: Date | undefined, second: Date | undefined): Date | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return first < second ? first : second;
}
