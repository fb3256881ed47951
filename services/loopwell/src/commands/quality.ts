import { type EhrQuality, readQuality } from '@loopwell/enrichment';
import { organisation } from '../run/run.ts';
import type { Environment } from '../run/session.ts';
import { withDatabase } from './data-dir.ts';
import { progressLine } from './progress.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);

/** `loopwell quality`: what arrives from each EHR, and what can be made of it. Nothing of a person is in it. */
export async function qualityCommand(options: { dataDir?: string; json: boolean }, environment: Environment): Promise<number> {
  return withDatabase(options, environment, async (db) => {
    const progress = progressLine('people looked at');
    const all = await readQuality(db, organisation, { progress: progress.tell });
    progress.end();
    if (options.json) print(JSON.stringify(all));
    else print(all.length === 0 ? 'Nobody has been pulled yet.' : all.map((one) => qualityLines(one).join('\n')).join('\n\n'));
    return 0;
  });
}

const percent = (part: number, whole: number) => (whole === 0 ? '-' : `${Math.round((part * 100) / whole)} %`);
const most = (counts: Record<string, number>) => Object.entries(counts).sort(([a, one], [b, two]) => two - one || (a < b ? -1 : 1));

function qualityLines(one: EhrQuality): string[] {
  const unknown = Object.values(one.unknown).sort(
    (a, b) => b.count - a.count || (`${a.question}${a.code}` < `${b.question}${b.code}` ? -1 : 1),
  );
  return [
    `EHR ${one.ehr}: ${one.people} people, ${one.screenings} screenings, ${one.quarantined} of them could not be read`,
    ...section('Not read, or not all of it:', one.unread),
    ...Object.values(one.instruments).flatMap((instrument) => [
      '',
      `${instrument.name}: ${instrument.screenings} screenings`,
      '  question     arrived    read   refused   no answer   not readable',
      ...Object.entries(instrument.questions)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([question, { arrived, coded, declined, absent, unread }]) =>
          [
            `  ${question.padEnd(11)}`,
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
      most(one.mended).map(([question, n]) => `${n} × ${question}`),
    ),
    ...section(
      'For a person, by reason:',
      most(one.issues).map(([code, n]) => `${n} × ${code}`),
    ),
    ...section('SDOHCC categories that nothing asks about:', one.neverSeen.length > 0 ? [one.neverSeen.join(', ')] : []),
  ];
}

const unknownLine = ({ kind, question, code, count }: EhrQuality['unknown'][string]) =>
  kind === 'question' ? `${count} × question ${question}` : `${count} × answer to ${question}: ${code}`;

const section = (title: string, lines: readonly string[]) => (lines.length > 0 ? ['', title, ...lines.map((line) => `- ${line}`)] : []);
