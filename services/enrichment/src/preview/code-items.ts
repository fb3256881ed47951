import { type FileItem, itemsOf } from '@loopwell/fhir/files';
import { instruments } from '@loopwell/instruments';
import { deriveId } from '@loopwell/kit';
import { codeBundle, type Site, shapeProblem } from '@loopwell/sdoh';
import { type Coded, judged, refused } from './coded.ts';
import { type CodingCount, type GatherLimit, gatherer } from './gather.ts';

/**
 * Codes the items of one file, standard input or a request: one Parameters for each person (coding
 * contract). Bundles are coded one by one as they come. Resources outside Bundles are gathered by
 * patient and follow at the end. `loopwell code` and the API both use it, with the same coding as
 * the pipeline. It stores and fetches nothing, and no content of the input makes it throw.
 *
 * @throws any error that ends the reading of the input
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

/** Codes the bytes of a file as `codeItems` does. */
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
