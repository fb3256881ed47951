import { type EhrQuality, readQuality } from '@loopwell/enrichment';
import { onFileSentence, questionLabel } from '@loopwell/sdoh';
import { tenant } from '../run/run.ts';
import type { Environment } from '../run/session.ts';
import { progressLine } from '../terminal/progress-line.ts';
import { withDatabase } from './data-directory.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

/** `loopwell quality`: what arrives from each EHR, and what can be made of it. Nothing of a person is in it. */
export async function qualityCommand(
  options: { dataDir?: string; json: boolean },
  environment: Environment,
): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const progress = progressLine('people looked at');
    const all = await readQuality(db, tenant, { progress: progress.tell });
    progress.end();
    if (options.json) print(JSON.stringify(all));
    else
      print(
        all.length === 0
          ? 'Nobody has been pulled yet.'
          : all.map((one) => qualityLines(one).join('\n')).join('\n\n'),
      );
    return 0;
  });
}

const percent = (part: number, whole: number) =>
  whole === 0 ? '-' : `${Math.round((part * 100) / whole)} %`;
const most = (counts: Record<string, number>) =>
  Object.entries(counts).sort(([a, one], [b, two]) => two - one || (a < b ? -1 : 1));

function qualityLines(one: EhrQuality): string[] {
  const unknown = Object.values(one.unknown).sort(
    (a, b) => b.count - a.count || (`${a.question}${a.code}` < `${b.question}${b.code}` ? -1 : 1),
  );
  return [
    `EHR ${one.address} (${one.ehr}): ${one.people} people, ${one.screenings} screenings, ${one.quarantined} of them could not be read`,
    ...section('Verdict:', one.verdicts),
    ...section('Not read, or not all of it:', one.unread),
    ...Object.values(one.instruments).flatMap((instrument) => [
      '',
      `${instrument.name}: ${instrument.screenings} ${instrument.screenings === 1 ? 'screening' : 'screenings'}`,
      `  ${'question'.padEnd(width)} arrived    read   refused   no answer   not readable`,
      ...Object.entries(instrument.questions)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([question, { label, arrived, coded, declined, absent, unread }]) =>
          [
            `  ${`${label} (${question})`.padEnd(width)}`,
            String(arrived).padStart(8),
            percent(coded, arrived).padStart(8),
            String(declined).padStart(10),
            String(absent).padStart(12),
            String(unread).padStart(15),
          ].join(''),
        ),
    ]),
    ...section('Not known, most frequent first:', unknown.slice(0, 30).map(unknownLine)),
    ...section(
      'Read only after mending:',
      most(one.mended).map(
        ([question, n]) => `${n} × ${questionLabel(one, question)} (${question})`,
      ),
    ),
    ...section(
      'For a person, by reason:',
      most(one.issues).map(([code, n]) => `${n} × ${code}`),
    ),
    ...section('Social Conditions in the charts:', [
      onFileSentence(one.onFile),
      ...labeled(one.onFile.byCode),
    ]),
    ...section('No screening for social needs:', labeled(one.notScreening)),
    ...section(
      'SDOHCC categories that nothing asks about:',
      one.neverSeen.length > 0 ? [one.neverSeen.join(', ')] : [],
    ),
  ];
}

/** Wide enough for most questions in words; a longer one moves its own line only. */
const width = 52;

const labeled = (counts: Record<string, { label: string; count: number }>): string[] =>
  Object.entries(counts)
    .sort(([a, one], [b, two]) => two.count - one.count || (a < b ? -1 : 1))
    .map(([code, { label, count }]) => `${count} × ${label} (${code})`);

const unknownLine = ({ kind, question, label, code, count }: EhrQuality['unknown'][string]) =>
  kind === 'question'
    ? `${count} × question ${question}`
    : `${count} × answer to ${label === undefined ? question : `“${label}” (${question})`}: ${code}`;

const section = (title: string, lines: readonly string[]) =>
  lines.length > 0 ? ['', title, ...lines.map((line) => `- ${line}`)] : [];
