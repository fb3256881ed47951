import { type fhir4, localId } from '@loopwell/fhir';
import { type ReadOutput, statementOf } from '@loopwell/sdoh';
import { grantedReads, ownResources, type Reader, type Tx } from '@loopwell/store';

/**
 * Reads the outputs of a Task that a partner puts at our hub, with the Procedures that it has
 * posted there. Nothing but a Procedure with a grant for this partner is read, and no other server
 * is asked.
 *
 * @param base our own address, as references may name it
 */
export async function readPutOutputs(
  tx: Tx,
  reader: Reader,
  task: fhir4.Task,
  base: string,
): Promise<ReadOutput[]> {
  const read: ReadOutput[] = [];
  for (const output of statementOf(task).output ?? []) {
    const [valueName = null] = Object.keys(output).filter((key) => key.startsWith('value'));
    const reference = output.valueReference?.reference;
    const content = valueName && (output as unknown as Record<string, unknown>)[valueName];
    const plain: ReadOutput = {
      type: output.type,
      valueName,
      content,
      reference: null,
      resource: null,
      unread: null,
    };
    if (typeof reference !== 'string') read.push(plain);
    else
      read.push({
        ...plain,
        reference,
        ...(await follow(tx, reader, reference, base)),
      });
  }
  return read;
}

/** Reads what a reference leads to; a Procedure of another is like a missing one. */
async function follow(
  tx: Tx,
  reader: Reader,
  reference: string,
  base: string,
): Promise<Pick<ReadOutput, 'resource' | 'unread'>> {
  const id = localId(reference, 'Procedure', base);
  if (id === undefined)
    return {
      resource: null,
      unread: 'elsewhere',
    };
  const granted = await grantedReads.findGrant(tx, reader, 'Procedure', id);
  const row = granted && (await ownResources.loadOwnResources(tx, [id])).get(id);
  if (row === undefined)
    return {
      resource: null,
      unread: 'not-there',
    };
  return {
    resource: JSON.parse(row.body) as unknown,
    unread: null,
  };
}
