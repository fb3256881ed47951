import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { Site } from '@loopwell/sdoh';
import { codedOf, requireFiles, standardInput } from '../input-files/code-files.ts';
import { readTranslations } from '../input-files/concept-map-file.ts';
import { exitStatus } from '../run/result.ts';

export type CodeStreams = { stdin: Readable; stdout: Writable; stderr: Writable };

export type CodeOptions = {
  identifierSystem?: string;
  conceptMap?: string;
  negative?: boolean;
  icd10cm?: boolean;
  timeZone?: string;
};

const siteOf = ({
  conceptMap,
  negative,
  icd10cm,
  identifierSystem,
  timeZone,
}: CodeOptions): Site => ({
  ...(identifierSystem === undefined ? {} : { identifierSystem }),
  ...(timeZone === undefined ? {} : { timeZone }),
  ...(conceptMap === undefined ? {} : { translations: readTranslations(conceptMap) }),
  interpretNegative: negative === true,
  withoutIcd10cm: icd10cm === false,
});

/** Sentences about what could not be read go to stderr one by one, up to this many. */
const toldOneByOne = 20;

/**
 * `loopwell code`: Bundles and resources in, one Parameters for each person out, Bundles in the order of the input and what
 * stands in none at the end of its file (coding contract). It streams: one Bundle is held at a time, and who reads slowly is
 * waited for.
 *
 * @returns 0 when all was read, 3 when something was not (the rest was coded)
 * @throws AppError CONFIG_INVALID for a file that cannot be opened or read to its end
 */
export async function codeCommand(
  files: readonly string[],
  options: CodeOptions = {},
  streams: CodeStreams = process,
): Promise<number> {
  const named = files.length === 0 ? [standardInput] : files;
  const site = siteOf(options);
  requireFiles(named);
  const isGone = readerOf(streams.stdout);
  const count = { coded: 0, partial: 0, unread: 0, otherTypes: 0 };
  for (const file of named) {
    for await (const { parameters, problem, isPartial, place } of codedOf(
      file,
      streams.stdin,
      site,
      count,
    )) {
      if (problem === undefined) count.coded += 1;
      else count.unread += 1;
      if (isPartial) count.partial += 1;
      if (problem !== undefined && count.unread <= toldOneByOne)
        streams.stderr.write(`${place}: ${problem}\n`);
      if (!streams.stdout.write(`${JSON.stringify(parameters)}\n`))
        await Promise.race([once(streams.stdout, 'drain'), isGone.promise]);
      if (isGone.now()) return exitStatus.couldNotRun;
    }
  }
  streams.stderr.write(`${saidOf(count)}\n`);
  return count.unread + count.partial > 0 ? exitStatus.leftovers : exitStatus.ok;
}

type Count = { coded: number; partial: number; unread: number; otherTypes: number };

function saidOf({ coded, partial, unread, otherTypes }: Count): string {
  const parts =
    partial > 0
      ? `; of ${partial} of them something could not be read (issues of severity error)`
      : '';
  const others = `${otherTypes} ${otherTypes === 1 ? 'resource is' : 'resources are'} of a type that no screening is read from.`;
  const said = `${coded} ${coded === 1 ? 'person was' : 'people were'} coded${unread > 0 ? `, ${unread} could not be read` : ''}${parts}.`;
  return otherTypes > 0 ? `${said} ${others}` : said;
}

/** Whoever reads the output may stop reading (`| head`): then there is nobody to go on for. */
function readerOf(stdout: Writable): { promise: Promise<void>; now: () => boolean } {
  let gone = false;
  const promise = new Promise<void>((resolve) => {
    stdout.once('error', () => {
      gone = true;
      resolve();
    });
  });
  return { promise, now: () => gone };
}
