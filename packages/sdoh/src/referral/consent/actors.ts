import { type fhir4, parseReference } from '@loopwell/fhir';
import { isObject, objectsOf } from '../../fhir-json/tolerant-readers.ts';

type IsRecipient = (reference: fhir4.Reference | undefined) => boolean;

/**
 * To whom information goes (v3-ParticipationType, v3-RoleCode): an actor in another role says
 * nothing of who may read.
 */
const recipientRoles = new Set(['IRCP', 'PRCP', 'RCT', 'REFT', 'GRANTEE', 'DELEGATEE']);

/** Somebody who is never a partner, nor part of one. */
const persons = new Set(['Patient', 'RelatedPerson']);

/** Words for whoever holds, wrote or gave the information. */
const otherRoles = /custod|author|inform(er|ant)|source|disclos|grantor|witness|holder/i;

/** A role in words alone is believed to be a recipient's unless it is named like another. */
function isRecipientRole({ role }: fhir4.ConsentProvisionActor): boolean {
  if (!isObject(role)) return false;
  const { coding, text } = role as fhir4.CodeableConcept;
  const codings = objectsOf(coding);
  return codings.length > 0
    ? codings.some(({ code }) => recipientRoles.has(String(code)))
    : !otherRoles.test(text ?? '');
}

const unversioned = (reference: unknown): string | undefined =>
  typeof reference === 'string' ? reference.replace(/\/_history\/[^/]+$/, '') : undefined;

/**
 * Whether a provision is about this recipient. It names none: about everybody. Actors that only an
 * identifier or a display names cannot be told apart from the recipient, nor can members of a Group
 * or CareTeam; one in the role of a custodian or an author says nothing of who reads. What is
 * excepted below may be about somebody else than the whole.
 */
export function matchActors(
  provision: fhir4.ConsentProvision | undefined,
  isRecipient: IsRecipient,
): 'matching' | 'others' | 'unclear' {
  const actors = provision?.actor;
  if (actors === undefined) return 'matching';
  if (actors.length === 0) return 'unclear';
  const read = actors.map((actor) => matchActor(actor, isRecipient));
  if (read.includes('matching')) return 'matching';
  // For others, too, an exception may say something about this one.
  const isExcepted = objectsOf(provision?.provision).some(
    (one) => matchActors(one, isRecipient) !== 'others',
  );
  return read.includes('unclear') || isExcepted ? 'unclear' : 'others';
}

function matchActor(
  actor: fhir4.ConsentProvisionActor,
  isRecipient: IsRecipient,
): 'matching' | 'others' | 'unclear' {
  const named = isObject(actor.reference) ? (actor.reference as fhir4.Reference) : undefined;
  const reference = unversioned(named?.reference);
  if (reference === undefined || !isRecipientRole(actor)) return 'unclear';
  if (isRecipient({ ...named, reference })) return 'matching';
  const type = parseReference(reference)?.type;
  return type === 'Organization' || persons.has(type ?? '') ? 'others' : 'unclear';
}
