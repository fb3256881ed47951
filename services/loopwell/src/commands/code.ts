import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { codeText, notJson, refused } from '@loopwell/enrichment';
import type { Site } from '@loopwell/sdoh';
import { requireFiles, standardInput, textsOf } from '../code/texts.ts';
import { readTranslations } from '../code/translations.ts';
import { exitStatus } from '../run/result.ts';

export type CodeStreams = { stdin: Readable; stdout: Writable; stderr: Writable };

export type CodeOptions = { identifierSystem?: string; conceptMap?: string; negative?: boolean; icd10cm?: boolean; timeZone?: string };

const siteOf = ({ conceptMap, negative, icd10cm, identifierSystem, timeZone }: CodeOptions): Site => ({
  ...(identifierSystem === undefined ? {} : { identifierSystem }),
  ...(timeZone === undefined ? {} : { timeZone }),
  ...(conceptMap === undefined ? {} : { translations: readTranslations(conceptMap) }),
  interpretNegative: negative === true,
  withoutIcd10cm: icd10cm === false,
});

/** Sentences about what could not be read go to stderr one by one, up to this many. */
const toldOneByOne = 20;

/**
 * `loopwell code`: Bundles in, one Parameters per Bundle out, in the order of the input (coding contract). It streams: one
 * Bundle is held at a time, and who reads slowly is waited for.
 *
 * @returns 0 when all was read, 3 when something was not (the rest was coded)
 * @throws AppError CONFIG_INVALID for a file that cannot be opened or read to its end
 */
export async function codeCommand(files: readonly string[], options: CodeOptions = {}, streams: CodeStreams = process): Promise<number> {
  const named = files.length === 0 ? [standardInput] : files;
  const site = siteOf(options);
  requireFiles(named);
  const isGone = readerOf(streams.stdout);
  let [read, partial, unread] = [0, 0, 0];
  for (const file of named) {
    for await (const one of textsOf(file, streams.stdin)) {
      const { parameters, problem, isPartial } = 'text' in one ? codeText(one.text, site) : refused(one.problem);
      if (problem === undefined) read += 1;
      else unread += 1;
      if (isPartial) partial += 1;
      if (problem !== undefined && unread <= toldOneByOne) streams.stderr.write(`${one.place}: ${problem}${hintFor(file, problem)}\n`);
      if (!streams.stdout.write(`${JSON.stringify(parameters)}\n`)) await Promise.race([once(streams.stdout, 'drain'), isGone.promise]);
      if (isGone.now()) return exitStatus.couldNotRun;
    }
  }
  streams.stderr.write(`${saidOf(read, partial, unread)}\n`);
  return unread + partial > 0 ? exitStatus.leftovers : exitStatus.ok;
}

/** A file's name says how it is read: that is easily overlooked. */
function hintFor(file: string, problem: string): string {
  const isOne = /\.json(\.gz)?$/.test(file) && problem === notJson;
  return isOne ? ' A .json file holds one Bundle; one Bundle per line is read from a file of any other name, such as .ndjson.' : '';
}

function saidOf(read: number, partial: number, unread: number): string {
  const parts = partial > 0 ? `; in ${partial} of them something could not be read (issues of severity error)` : '';
  return `${read} ${read === 1 ? 'Bundle was' : 'Bundles were'} coded${unread > 0 ? `, ${unread} could not be read` : ''}${parts}.`;
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
