import { type FileItem, itemsOf } from '@loopwell/fhir/files';
import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { codeBundle, type Site, shapeProblem } from '@loopwell/sdoh';
import { type Coded, judged, refused } from './coded.ts';
import { type CodingCount, type GatherLimit, gatherer } from './gather.ts';

/**
 * Codes what one file, standard input or a request holds: one Parameters for each person (coding
 * contract). Bundles are coded one by one as they come; what stands in no Bundle is gathered by
 * patient and follows at the end. The one way that `loopwell code` and the API go; both rest on
 * what the pipeline codes with. It stores and fetches nothing, and throws for nothing that the
 * input says.
 *
 * @throws whatever ends the reading of the input
 */
export async function* codeItems(
  items: AsyncIterable<FileItem> | Iterable<FileItem>,
  limit: GatherLimit,
  site?: Site,
  count: CodingCount = { otherTypes: 0 },
): AsyncGenerator<Coded, void, undefined> {
  const gathered = gatherer(limit, count);
  for await (const fileItem of items) {
    const { line } = fileItem;
    if (fileItem.kind === 'problem') yield { ...refused(fileItem.problem, fileItem.value), line };
    else if (fileItem.kind === 'resource') gathered.add(fileItem);
    else for (const coded of codeInput(fileItem.value, site)) yield { ...coded, line };
  }
  yield* gathered.code(site);
}

/** As `codeItems`, of the bytes of a file. */
export const codeBytes = (
  input: AsyncIterable<unknown>,
  limit: GatherLimit,
  site?: Site,
  count?: CodingCount,
) => codeItems(itemsOf(input, limit.perResource), limit, site, count);

/** Codes one value that was parsed already. */
export function* codeInput(input: unknown, site?: Site): Generator<Coded, void, undefined> {
  try {
    for (const parameters of codeBundle(input, instruments, { deriveId, now: new Date() }, site))
      yield judged(parameters);
  } catch (error) {
    yield refused(shapeProblem(error), input);
  }
}
