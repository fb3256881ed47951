import { type Put, type PutContext, put } from './write-resource.ts';

/**
 * They tell where a Condition comes from: an EHR that keeps none of them has lost nothing that
 * anybody acts on.
 */
const optional: readonly string[] = ['Device', 'Provenance'];

/** Answers to a create by which a server says that it has no such type. */
const noSuchType: readonly unknown[] = [404, 405, 410, 501];

/**
 * As `put`, of what an EHR may do without. Whatever it says against the one Device, that is left
 * out: Provenance names the software by its identifier then. A Provenance is left out where the
 * answer, or the CapabilityStatement, shows that the EHR keeps none; from then on none is tried
 * there. One that was refused for what is in it stays refused.
 *
 * @param leftOut types of which this EHR has shown that it keeps none
 */
export async function putUnlessLeftOut(
  context: PutContext,
  leftOut: ReadonlySet<string>,
): Promise<Put> {
  const { type, ehr_id: ehrId } = context.copy.row;
  if (!optional.includes(type) || ehrId !== null) return put(context);
  if (leftOut.has(type)) return { kind: 'left-out' };
  const outcome = await put(context);
  // With an id it was taken: that it is not shown is another matter.
  if (outcome.kind !== 'refused' || outcome.id !== undefined) return outcome;
  const isLeftOut =
    type === 'Device' || isNoSuchType(outcome) || (await context.writer.offers(type)) === false;
  return isLeftOut
    ? { kind: 'left-out', status: outcome.status, issueCode: outcome.issueCode }
    : outcome;
}

const isNoSuchType = ({ status, issueCode }: Extract<Put, { kind: 'refused' }>): boolean =>
  noSuchType.includes(status) || issueCode === 'not-supported';
