import { type fhir4, parseReference } from '@loopwell/fhir';
import { isObject, objectsOf, plainText } from '../../fhir-json/tolerant-readers.ts';

type IsRecipient = (reference: fhir4.Reference | undefined) => boolean;

/**
 * Codes of roles to which information goes (v3-ParticipationType, v3-RoleCode). An actor in another
 * role says nothing of who may read.
 */
const recipientRoles = new Set(['IRCP', 'PRCP', 'RCT', 'REFT', 'GRANTEE', 'DELEGATEE']);

/** Types of actors that are never a partner, nor part of one. */
const persons = new Set(['Patient', 'RelatedPerson']);

/** Matches role words of those who hold, wrote or gave the information. */
const otherRoles = /custod|author|inform(er|ant)|source|disclos|grantor|witness|holder/i;

/**
 * Tells whether an actor's role is a recipient's. A role in words alone is believed to be one
 * unless it is named like another.
 */
function isRecipientRole({ role }: fhir4.ConsentProvisionActor): boolean {
  if (!isObject(role)) return false;
  const { coding, text } = role as fhir4.CodeableConcept;
  const codings = objectsOf(coding);
  return codings.length > 0
    ? codings.some(({ code }) => recipientRoles.has(plainText(code)))
    : !otherRoles.test(text ?? '');
}

const unversioned = (reference: unknown): string | undefined =>
  typeof reference === 'string' ? reference.replace(/\/_history\/[^/]+$/, '') : undefined;

/**
 * Tells whether a provision is about this recipient. One that names no actor is about every
 * recipient. Actors that only an identifier or a display names cannot be told apart from the
 * recipient, nor can members of a Group or CareTeam. One in the role of a custodian or an author
 * says nothing of who reads. An exception within the provision may be about other actors than the
 * whole.
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
  // A provision for other actors may hold an exception about this one.
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
