import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { systems } from '@loopwell/fhir';
import type { Site } from '@loopwell/sdoh';
import type { CommandDefinition } from '../command-line/definition.ts';
import { identifierSystemOption, timeZoneOption } from '../command-line/shared-options.ts';
import {
  codeFile,
  type FileResult,
  requireFiles,
  standardInput,
} from '../input-files/code-file.ts';
import { readConceptMapFile } from '../input-files/concept-map-file.ts';
import { exitStatus } from '../run/result.ts';
import { countOf } from '../terminal/text-lines.ts';

/** The streams of the command. They are the ones of this process unless a test gives others. */
export type CodeStreams = { stdin: Readable; stdout: Writable; stderr: Writable };

/** The options of `loopwell code`. */
export type CodeOptions = {
  identifierSystem?: string;
  conceptMap?: string;
  negative?: boolean;
  icd10cm?: boolean;
  timeZone?: string;
};

const codeHelp = `
A file holds Bundles, resources or lists of them: one JSON value, or one per line (NDJSON), gzipped or not. A Bundle is about
one Patient, a searchset perhaps about many; what stands in no Bundle is gathered by patient. Out comes one line for each
person: a FHIR Parameters with the transaction that could be posted ("return") and what was noticed ("issues"). Nothing is stored, fetched or sent.
Exit status: 0 all was read; 3 something could not be read, the rest was coded; 1 could not run; 2 wrong usage.`;

/** `loopwell code`: codes the screenings of files, without a server. */
export const codeCommand: CommandDefinition = {
  name: 'code',
  description: 'code screenings without a server: FHIR Bundles in, what Loopwell makes of them out',
  arguments: [
    {
      name: '[files...]',
      description: 'files of Bundles or resources, JSON or NDJSON; - or nothing for standard input',
    },
  ],
  options: [
    {
      flags: '--concept-map <file>',
      description: "FHIR ConceptMap from the site's own codes to LOINC",
    },
    {
      ...identifierSystemOption,
      description: `system of the identifiers of new resources (default: ${systems.loopwellId})`,
    },
    {
      flags: '--negative',
      description: 'NEG on answers that say that there is no need, for receivers that demand it',
    },
    {
      flags: '--no-icd10cm',
      description: 'no ICD-10-CM code beside a SNOMED CT finding: a clinician adds it',
    },
    {
      ...timeZoneOption,
      description:
        "the site's time zone, such as America/Chicago, for times that are written without one",
    },
  ],
  helpText: codeHelp,
  run: (files: string[], options: CodeOptions) => codeFiles(files, options),
};

/** The number of unreadable places that are shown on stderr. The rest is only counted. */
const shownProblems = 20;

/**
 * Reads Bundles and resources, and prints one Parameters for each person (coding contract). Bundles
 * come in the order of the input; resources outside of Bundles come at the end of their file. The
 * command streams: it holds one Bundle at a time, and waits for a slow reader.
 *
 * @returns 0 when everything was read, 3 when something was not (the rest was coded)
 * @throws AppError CONFIG_INVALID for a file that cannot be opened or read to its end
 */
export async function codeFiles(
  files: readonly string[],
  options: CodeOptions = {},
  streams: CodeStreams = process,
): Promise<number> {
  const inputs = files.length === 0 ? [standardInput] : files;
  const site = siteOf(options);
  requireFiles(inputs);
  const reader = watchReader(streams.stdout);
  const counts = { coded: 0, partial: 0, unread: 0, otherTypes: 0 };
  for (const input of inputs) {
    for await (const result of codeFile(input, streams.stdin, site, counts)) {
      addToCounts(counts, result);
      if (counts.unread <= shownProblems) showProblem(result, streams.stderr);
      const isTaken = streams.stdout.write(`${JSON.stringify(result.parameters)}\n`);
      if (!isTaken) await Promise.race([once(streams.stdout, 'drain'), reader.gone]);
      if (reader.isGone()) return exitStatus.couldNotRun;
    }
  }
  streams.stderr.write(`${summaryOf(counts)}\n`);
  return counts.unread + counts.partial > 0 ? exitStatus.leftovers : exitStatus.ok;
}

function siteOf(options: CodeOptions): Site {
  const { conceptMap, identifierSystem, timeZone } = options;
  const site: Site = {
    interpretNegative: options.negative === true,
    withoutIcd10cm: options.icd10cm === false,
  };
  if (identifierSystem !== undefined) site.identifierSystem = identifierSystem;
  if (timeZone !== undefined) site.timeZone = timeZone;
  if (conceptMap !== undefined) site.translations = readConceptMapFile(conceptMap);
  return site;
}

type Counts = {
  coded: number;
  partial: number;
  unread: number;
  otherTypes: number;
};

function addToCounts(counts: Counts, { problem, isPartial }: FileResult): void {
  if (problem === undefined) counts.coded += 1;
  else counts.unread += 1;
  if (isPartial) counts.partial += 1;
}

function showProblem({ place, problem }: FileResult, stderr: Writable): void {
  if (problem !== undefined) stderr.write(`${place}: ${problem}\n`);
}

function summaryOf({ coded, partial, unread, otherTypes }: Counts): string {
  let sentence = countOf(coded, 'person was coded', 'people were coded');
  if (unread > 0) sentence += `, ${unread} could not be read`;
  if (partial > 0)
    sentence += `; for ${partial} of them something could not be read (issues of severity error)`;
  if (otherTypes === 0) return `${sentence}.`;
  return (
    `${sentence}. ${countOf(otherTypes, 'resource is', 'resources are')} of a type that no ` +
    'screening is read from.'
  );
}

/**
 * Watches whether the reader of the output has stopped reading (`| head`), so that coding can stop.
 */
function watchReader(stdout: Writable): { gone: Promise<void>; isGone: () => boolean } {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  let isGone = false;
  stdout.once('error', () => {
    isGone = true;
    resolve();
  });
  return { gone, isGone: () => isGone };
}
