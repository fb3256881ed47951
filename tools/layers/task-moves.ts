import { parseFiles, visit } from '../style/source.ts';
import { textOf } from './sql.ts';
import { hole } from './statement.ts';

const mover = 'packages/store/src/referral/move-task.ts';
const isHeld = (file: string) =>
  /^(packages\/store|services|tools\/bench)\/.*\.ts$/.test(file) &&
  !/\.(test|generated)\.ts$/.test(file) &&
  file !== mover;

/** An update of the table `task`, whatever stands between its name and what it sets. */
const update = /\bupdate\s+(?:only\s+)?(?:loopwell\.)?task\b(?!_)/i;
/** A status, body or version that is set. An update whose columns are computed may set them. */
const setsMoved = new RegExp(
  String.raw`(?:\bset\b|,)[\s(]*(?:status|body|version|owner|live)\s*[,=)]|\bset\s*${hole}`,
  'i',
);

/**
 * Lists the statements outside `moveTasks` that write the status or the body of a Task, and the
 * patches of a Task that name its status or body. DECISIONS D131.
 *
 * @param texts of files that are not on the disk, by their paths
 */
export function taskMovesElsewhere(
  root: string,
  files: readonly string[],
  texts: Readonly<Record<string, string>> = {},
): { file: string; line: number }[] {
  const paths = files.filter(isHeld);
  return parseFiles(root, paths, texts).flatMap((parsed, index) => {
    const lines = new Set<number>();
    visit(parsed, (node) => {
      const text = textOf(node);
      if (update.test(text) && setsMoved.test(text.slice(text.search(update))))
        lines.add(parsed.text.slice(0, node.getStart(parsed)).split('\n').length);
    });
    if (patchesStatus(parsed.text)) lines.add(1);
    return [...lines].map((line) => ({ file: paths[index] ?? '', line }));
  });
}

/** Tells whether a file patches Tasks by `patchRows` and lets a patch hold their status or body. */
const patchesStatus = (text: string): boolean =>
  /patchRows\(\s*\w+,\s*'task'/.test(text) && /\b(?:status|body|version|live): '\w+'/.test(text);
