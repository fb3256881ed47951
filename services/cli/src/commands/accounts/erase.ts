import { AppError } from '@loopwell/kit';
import { type Erasure, type ErasureView, erasures } from '@loopwell/store';
import type { CommandDefinition, OptionDefinition } from '../../command-line/definition.ts';
import type { Environment } from '../../command-line/environment.ts';
import { requirePrincipal } from '../../command-line/principal.ts';
import {
  byOption,
  jsonOption,
  lookIntoHelp,
  lookIntoOption,
} from '../../command-line/shared-options.ts';
import { withDatabase } from '../../run/data-directory.ts';
import { printLine } from '../../terminal/standard-streams.ts';

type EraseOptions = {
  dataDir?: string;
  person: string;
  reason: 'asked' | 'order';
  by?: string;
  yes: boolean;
  json: boolean;
};

const eraseOptions: readonly OptionDefinition[] = [
  lookIntoOption,
  { flags: '--person <id>', description: 'the id of the person', isRequired: true },
  {
    flags: '--reason <reason>',
    description: 'asked (by the person) or order (of a court)',
    choices: ['asked', 'order'],
    default: 'asked',
  },
  { flags: '--yes', description: 'it is meant', default: false },
  byOption('erases'),
  { ...jsonOption, description: 'the receipt as one JSON object' },
];

const eraseCommand: CommandDefinition = {
  name: 'erase',
  description: 'erase one person for good, in all EHRs that are the same person; says first what',
  options: eraseOptions,
  helpText: `
The account of disclosures, who saw whom, and receipts without content stay. EHRs and partners keep what they have, and backups keep it until
they are gone. Where infra/postgresql/append-only.sql is in use, name the owner's database with DATABASE_URL.
${lookIntoHelp}`,
  run: erase,
};

const erasuresCommand: CommandDefinition = {
  name: 'erasures',
  description: 'receipts of erasures: who, when, why, how many rows; the latest 500',
  options: [lookIntoOption, { ...jsonOption, description: 'one JSON object a line' }],
  helpText: lookIntoHelp,
  run: showErasures,
};

/** The commands that erase one person, and that list the receipts. DECISIONS D176. */
export const eraseCommands: readonly CommandDefinition[] = [eraseCommand, erasuresCommand];

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads the id of a person. */
function requirePersonId(text: string): string {
  const id = text.trim().toLowerCase();
  if (uuid.test(id)) return id;
  throw new AppError(
    'REQUEST_INVALID',
    '--person must be the id of a person, as in the address of their page',
  );
}

async function erase(options: EraseOptions, environment: Environment): Promise<number> {
  const person = requirePersonId(options.person);
  const by = requirePrincipal(options);
  return withDatabase(options, environment, async (db) => {
    const view = await db.tx((tx) => erasures.viewErasure(tx, person));
    const isDone = view.receipt !== undefined && view.patients.length === 0;
    if (!isDone) requireMeant(view, options);
    const wish = { person, by, reason: options.reason };
    const receipt = await db.tx((tx) => erasures.erasePerson(tx, wish));
    const lines = options.json ? [JSON.stringify(receipt)] : receiptLines(receipt, isDone);
    for (const line of lines) printLine(line);
    return 0;
  });
}

/** Says what will be erased, and requires --yes. */
function requireMeant(view: ErasureView, { yes, json }: EraseOptions): void {
  if (!json) for (const line of preview(view)) printLine(line);
  if (yes) return;
  throw new AppError(
    'REQUEST_INVALID',
    'Nothing was erased. This cannot be undone: say --yes if you mean it',
  );
}

function preview({ person, patients, openDemands, liveTasks }: ErasureView): string[] {
  const blocked = [
    openDemands > 0 && `${openDemands} legal demands are open: nothing is erased before they end.`,
    liveTasks > 0 && `${liveTasks} referrals are open at partners: take them back first.`,
  ];
  return [
    `Person ${person}, with the records of ${patients.length} EHR patients.`,
    ...blocked.filter((line) => line !== false),
  ];
}

function receiptLines(receipt: Erasure, isDone: boolean): string[] {
  const { id, person, at, principal, gone, stays, reason } = receipt;
  const rows = Object.values(gone).reduce((sum, count) => sum + count, 0);
  const kept = Object.entries(stays.rows).map(([table, count]) => `${table} ${count}`);
  const copies = stays.copies.map(
    ({ partner, channel, task }) => `  ${partner} has a copy (${channel}, Task ${task})`,
  );
  return [
    `${isDone ? 'Erased before' : 'Erased'}: ${person}, ${rows} rows of ${Object.keys(gone).length} tables`,
    `Receipt ${id}, ${at.toISOString()}, by ${principal}, reason: ${reason}`,
    `Stays, without content: ${kept.join(', ') || 'nothing'}`,
    ...copies,
    ...(stays.inEhr > 0 ? [`  EHRs keep ${stays.inEhr} resources that were written there`] : []),
  ];
}

async function showErasures(
  options: { dataDir?: string; json: boolean },
  environment: Environment,
): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const receipts = await erasures.listErasures(db, 500);
    for (const receipt of receipts)
      printLine(options.json ? JSON.stringify(receipt) : lineOf(receipt));
    if (receipts.length === 0) process.stderr.write('Nobody was erased.\n');
    return 0;
  });
}

const lineOf = ({ at, person, principal, reason, id }: Erasure): string =>
  `${at.toISOString()}  person ${person}  by ${principal}  ${reason}  receipt ${id}`;
