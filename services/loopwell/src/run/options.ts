import { readFileSync } from 'node:fs';
import { AppError, parseDurationMs } from '@loopwell/kit';
import { Command, InvalidArgumentError, Option } from 'commander';

/** What `run` and `load` are told on the command line. */
export type RunOptions = {
  ehr?: string;
  ehrTokenFile?: string;
  ehrClientId?: string;
  ehrKey?: string;
  ehrKid?: string;
  ehrTokenUrl?: string;
  ehrScopes: string;
  ehrKind: string;
  patients?: string;
  since?: Date;
  partners?: string;
  partnerTokens?: string;
  approve?: 'unambiguous';
  agreedByConsent: boolean;
  send: boolean;
  writeBack: boolean;
  allowPrivateNetworks: boolean;
  publicUrl?: string;
  port?: number;
  acceptBy: number;
  settle: number;
  once: boolean;
  timeout: number;
  json: boolean;
  dataDir?: string;
  fresh?: boolean;
};

export function duration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new InvalidArgumentError('Give a duration such as 500ms, 15s, 10m, 2h or 3d.');
  return ms;
}

export function port(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65_535) throw new InvalidArgumentError('Give a port between 0 and 65535.');
  return number;
}

function instant(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('Give an instant such as 2026-11-01T00:00:00Z.');
  return date;
}

function webAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw new InvalidArgumentError('Give an http(s) address.');
  return text.replace(/\/+$/, '');
}

/** Two business days, as the guide's partners work. */
const twoBusinessDays = '2d';

/** Options that `run`, `load` and `start` share. */
export function withRunOptions(command: Command): Command {
  return command
    .option('--ehr-token-file <file>', 'file with a bearer for the EHR', undefined)
    .option('--ehr-client-id <id>', 'client id for SMART Backend Services')
    .option('--ehr-key <file>', 'private key (PKCS#8 PEM or JWK)')
    .option('--ehr-kid <kid>', 'key id')
    .option('--ehr-token-url <url>', 'token endpoint, when it is not to be discovered', webAddress)
    .option('--ehr-scopes <scopes>', 'scopes to ask for', 'system/*.rs')
    .option('--ehr-kind <kind>', 'quirks of the EHR: plain-r4, epic, hapi, oracle-health', 'plain-r4')
    .option('--patients <file>', 'ids of patients to read, one a line')
    .option('--since <instant>', 'read what changed since', instant)
    .option('--partners <file>', 'FHIR Bundle of Organization, HealthcareService and Endpoint')
    .option('--partner-tokens <file>', 'JSON: Endpoint address to { "send", "read" } bearers')
    .addOption(new Option('--approve <policy>', 'policy that may stand in for the reviewer').choices(['unambiguous']))
    .option('--agreed-by-consent', "this site's consent form asks for agreement to help, too", false)
    .option('--send', 'send referrals to the partners', false)
    .option('--write-back', 'write into the EHR', false)
    .option('--allow-private-networks', 'open the named origins on private networks', false)
    .option('--public-url <url>', 'address at which partners reach us', webAddress)
    .option('--port <port>', 'port to listen on', port)
    .option('--accept-by <duration>', 'silence deadline of a partner', duration, duration(twoBusinessDays))
    .option('--settle <duration>', 'under --once: how long no Task may have changed', duration, 15_000)
    .option('--once', 'end when everything has come to rest', false)
    .option('--timeout <duration>', 'under --once: end in any case', duration, 600_000)
    .option('--json', 'print the accounts as JSON', false)
    .option('--data-dir <folder>', 'where everything is kept');
}

/** Ids of patients, one a line; blank lines and # comments are passed over. */
export function readPatients(file: string | undefined): string[] {
  if (file === undefined) return [];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new AppError('CONFIG_INVALID', `The patients file ${file} cannot be read`);
  }
  const ids = text.split(/\r?\n/).map((line) => line.trim().replace(/^Patient\//, '')).filter((line) => line !== '' && !line.startsWith('#'));
  const bad = ids.findIndex((id) => !/^[A-Za-z0-9.-]{1,64}$/.test(id));
  if (bad >= 0) throw new AppError('CONFIG_INVALID', `The patients file ${file} has no FHIR id in entry ${bad + 1}`);
  if (ids.length === 0) throw new AppError('CONFIG_INVALID', `The patients file ${file} names nobody`);
  return ids;
}
