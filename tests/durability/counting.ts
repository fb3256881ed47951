import type { fhir4 } from '@loopwell/fhir';
import type { Harness, Resource } from './harness.ts';

type Identified = Resource & { identifier?: fhir4.Identifier[] | undefined };

/**
 * Values of our identifiers: their system is a `urn:uuid:` that the database chose, and nobody else
 * in these databases has one.
 */
const values = (resource: Identified) =>
  (resource.identifier ?? [])
    .filter((id) => id.system?.startsWith('urn:uuid:'))
    .flatMap((id) => id.value ?? []);

/** Tasks at the partners, by the receipt that they carry: a referral, a partner and an attempt. */
export async function tasksAtPartners(
  harness: Harness,
  partners: readonly string[],
): Promise<(Resource & fhir4.Task & { partner: string; receipt: string })[]> {
  const dumps = await Promise.all(
    partners.map(async (partner) =>
      (await harness.dump<Resource & fhir4.Task>('partners', partner, 'Task')).map((task) => ({
        ...task,
        partner,
        receipt: values(task).join(),
      })),
    ),
  );
  return dumps.flat();
}

/**
 * Receipts that more than one Task carries, and referrals that one partner got more than once; none
 * when all is well.
 */
export function duplicatesOf(tasks: Awaited<ReturnType<typeof tasksAtPartners>>): string[] {
  const keys = tasks.flatMap((task) => [
    `receipt ${task.receipt}`,
    `focus ${task.focus?.reference} at ${task.partner}`,
  ]);
  return keys.filter((key, index) => keys.indexOf(key) !== index);
}

/** What write-back left in an EHR more than once, by our identifier. */
export async function duplicatesInEhr(harness: Harness, ehr: string): Promise<string[]> {
  const types = ['Observation', 'Condition', 'ServiceRequest', 'Procedure'];
  const all = (
    await Promise.all(types.map((type) => harness.dump<Identified>('ehr', ehr, type)))
  ).flat();
  const keys = all.flatMap((one) => values(one).map((value) => `${one.resourceType} ${value}`));
  return keys.filter((key, index) => keys.indexOf(key) !== index);
}
