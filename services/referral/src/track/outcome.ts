import type { fhir4 } from '@loopwell/fhir';
import {
  type NoHelp,
  procedureOfCode,
  type ReadOutput,
  saysAnything,
  targetOf,
  whyDoubted,
  whyNoHelp,
} from '@loopwell/sdoh';

/** The outcome of a completed Task. */
export type Outcome = {
  /** Procedures that prove help for this person, under the ids that they have at the partner. */
  procedures: { sourceId: string; procedure: fhir4.Procedure }[];
  /** Outputs that were named and could not be read. */
  unread: { type: string; sourceId: string }[];
  /** Outputs that prove no help: not done, another person's, another order's, or not understood. */
  doubts: { type: string; sourceId: string; why: NoHelp }[];
  /**
   * `helped`: the partner shows what it did. `no-outcome`: it says that it is done, and shows
   * nothing that could be read. `outcome-doubted`: all that it shows speaks against help, and a
   * person looks.
   */
  verdict: 'helped' | 'no-outcome' | 'outcome-doubted';
};

/**
 * Judges the outputs of a completed Task. Only an output that is known to be help counts as help.
 */
export function outcomeOf(
  body: fhir4.Task | undefined,
  outputs: readonly ReadOutput[],
  expected: { person: string; serviceRequest: string | null; remoteId: string },
): Outcome {
  const outcome: Outcome = { procedures: [], unread: [], doubts: [], verdict: 'no-outcome' };
  let others = 0;
  for (const [index, output] of outputs.entries()) {
    const ownId = `${expected.remoteId}-${index}`;
    const procedure = procedureIn(output, body);
    if (procedure !== undefined)
      judge(
        procedure,
        output.resource ? (targetOf(output)?.id ?? ownId) : ownId,
        expected,
        outcome,
      );
    else if (output.unread !== null)
      outcome.unread.push({
        type: targetOf(output)?.type ?? 'Task',
        sourceId: targetOf(output)?.id ?? ownId,
      });
    else {
      const why = output.resource ? whyDoubted(output.resource, expected) : undefined;
      if (why !== undefined)
        outcome.doubts.push({
          type: targetOf(output)?.type ?? 'Task',
          sourceId: targetOf(output)?.id ?? ownId,
          why,
        });
      else if (saysAnything(output)) others += 1;
    }
  }
  if (outcome.procedures.length > 0 || others > 0) outcome.verdict = 'helped';
  else if (outcome.doubts.length > 0) outcome.verdict = 'outcome-doubted';
  return outcome;
}

/** Gives the Procedure that an output shows, or names by its code. */
function procedureIn(output: ReadOutput, body: fhir4.Task | undefined): unknown {
  const resource = output.resource as { resourceType?: unknown } | null;
  return resource?.resourceType === 'Procedure' ? resource : procedureOfCode(output, body);
}

/** Adds a Procedure to the outcome as help, as unread or as a doubt. */
function judge(
  procedure: unknown,
  sourceId: string,
  expected: { person: string; serviceRequest: string | null },
  outcome: Outcome,
): void {
  const why = whyNoHelp(procedure, expected);
  if (why === undefined)
    outcome.procedures.push({ sourceId, procedure: procedure as fhir4.Procedure });
  else if (why === 'not-a-procedure') outcome.unread.push({ type: 'Procedure', sourceId });
  else outcome.doubts.push({ type: 'Procedure', sourceId, why });
}
