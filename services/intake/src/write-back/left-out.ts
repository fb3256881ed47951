import { type Put, type PutContext, put } from './write-resource.ts';

/**
 * Types that an EHR may omit. They say where a Condition comes from, and nothing depends on them.
 */
const optional: readonly string[] = ['Device', 'Provenance'];

/** Answers to a create by which a server says that it does not have the type. */
const noSuchType: readonly unknown[] = [404, 405, 410, 501];

/**
 * Writes a resource like `put`, but leaves out a type that an EHR may omit. A Device is left out
 * after any refusal: Provenance then names the software by its identifier. A Provenance is left out
 * when the answer, or the CapabilityStatement, shows that the EHR keeps none; no more are tried
 * there. One that was refused for its content stays refused.
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
  // With an id it was accepted, even if the EHR does not show it.
  if (outcome.kind !== 'refused' || outcome.id !== undefined) return outcome;
  const isLeftOut =
    type === 'Device' || isNoSuchType(outcome) || (await context.writer.offers(type)) === false;
  return isLeftOut
    ? { kind: 'left-out', status: outcome.status, issueCode: outcome.issueCode }
    : outcome;
}

const isNoSuchType = ({ status, issueCode }: Extract<Put, { kind: 'refused' }>): boolean =>
  noSuchType.includes(status) || issueCode === 'not-supported';
