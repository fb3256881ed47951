import { deriveId } from '@loopwell/kit';

/**
 * How fast one core codes, beside JSON.parse of the same bytes. A process of its own, so that
 * loading the tables is measured as a user meets it. Prints one JSON object.
 */
export type CodingResult = {
  bundles: number;
  bytes: number;
  tablesMs: number;
  parsePerSecond: number;
  rulesPerSecond: number;
  linesPerSecond: number;
  peakMb: number;
};

await import('@loopwell/sdoh');
const started = performance.now();
const { instruments } = await import('@loopwell/instruments');
const tablesMs = performance.now() - started;
const { codePerson } = await import('@loopwell/sdoh');
const { codeInput } = await import('@loopwell/enrichment');
const { parseJson } = await import('@loopwell/fhir');

const answers: readonly (readonly [string, string])[] = [
  ['71802-3', 'LA31994-9'],
  ['96778-6', 'LA9-3'],
  ['88122-7', 'LA28398-8'],
  ['88123-5', 'LA6729-3'],
  ['93030-5', 'LA33-6'],
  ['96779-4', 'LA32-8'],
  ['95618-5', 'LA6270-8'],
  ['95617-7', 'LA6270-8'],
  ['95616-9', 'LA6270-8'],
  ['95615-1', 'LA6270-8'],
];

const response = (n: number) => ({
  resourceType: 'QuestionnaireResponse' as const,
  id: `q${n}`,
  questionnaire: 'http://loinc.org/q/96777-8',
  status: 'completed' as const,
  subject: { reference: `Patient/p${n}` },
  encounter: { reference: `Encounter/e${n}` },
  authored: '2026-05-04T10:00:00-05:00',
  source: { reference: `Patient/p${n}` },
  item: answers.map(([question, code]) => ({
    linkId: `/${question}`,
    answer: [{ valueCoding: { system: 'http://loinc.org', code } }],
  })),
});

const lineOf = (n: number) =>
  JSON.stringify({
    resourceType: 'Bundle',
    id: `b${n}`,
    type: 'collection',
    entry: [
      {
        resource: {
          resourceType: 'Patient',
          id: `p${n}`,
          birthDate: '1979-03-02',
          gender: 'female',
        },
      },
      {
        resource: {
          resourceType: 'Encounter',
          id: `e${n}`,
          status: 'finished',
          class: { code: 'AMB' },
          subject: { reference: `Patient/p${n}` },
        },
      },
      { resource: response(n) },
    ],
  });

const count = 5_000;
const lines = Array.from({ length: count }, (_, n) => lineOf(n));
const records = lines.map((_line, n) => ({
  tenant: 'o',
  connection: 'c',
  base: 'https://ehr.example.org/fhir',
  person: deriveId('person', String(n)),
  encounters: [],
  responses: [response(n)],
  observations: [],
  conditions: [],
  made: [],
}));

/**
 * Counts what one second of CPU time does, its garbage collector's included: the best of three
 * rounds after one to warm up. The clock of a busy machine would count the work of others.
 */
function perSecond(work: (n: number) => unknown): number {
  let best = 0;
  for (let round = 0; round < 4; round += 1) {
    const before = process.cpuUsage();
    for (let n = 0; n < count; n += 1) work(n);
    const { user, system } = process.cpuUsage(before);
    const rate = (count * 1_000_000) / (user + system);
    if (round > 0) best = Math.max(best, rate);
  }
  return best;
}

const result: CodingResult = {
  bundles: count,
  bytes: lines.reduce((sum, line) => sum + line.length, 0),
  tablesMs,
  parsePerSecond: perSecond((n) => JSON.parse(lines[n] ?? '')),
  rulesPerSecond: perSecond((n) => records[n] && codePerson(records[n], instruments, { deriveId })),
  linesPerSecond: perSecond((n) => JSON.stringify([...codeInput(parseJson(lines[n] ?? ''))])),
  peakMb: process.resourceUsage().maxRSS / 1_024,
};
process.stdout.write(JSON.stringify(result));
