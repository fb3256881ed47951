/**
 * A file that breaks one rule of the layers, planted in a copy of the workspace to see that the
 * rule is awake.
 */
export type Planted = { rule: string; file: string; text: string };

const plant = (rule: string, file: string, from: string): Planted => ({
  rule,
  file,
  text: `export { } from '${from}';\nimport '${from}';\n`,
});

/** At least one for each rule in `.dependency-cruiser.cjs`, and for those of `cruise`. */
export const plantedBreaches: readonly Planted[] = [
  plant('kit-is-the-leaf', 'packages/kit/src/planted-leaf.ts', '../../fhir/src/index.ts'),
  plant(
    'outbound-imports-kit-only',
    'packages/outbound/src/planted-fhir.ts',
    '../../fhir/src/index.ts',
  ),
  plant(
    'fhir-imports-kit-and-outbound-only',
    'packages/fhir/src/planted-sdoh.ts',
    '../../sdoh/src/index.ts',
  ),
  plant(
    'messages-goes-down-only',
    'packages/messages/src/planted-store.ts',
    '../../store/src/index.ts',
  ),
  plant(
    'sdoh-imports-fhir-and-kit-only',
    'packages/sdoh/src/planted-store.ts',
    '../../store/src/index.ts',
  ),
  plant('ehrs-goes-down-only', 'packages/ehrs/src/planted-store.ts', '../../store/src/index.ts'),
  plant(
    'instruments-goes-down-only',
    'packages/instruments/src/planted-ehrs.ts',
    '../../ehrs/src/index.ts',
  ),
  plant(
    'partners-goes-down-only',
    'packages/partners/src/planted-http.ts',
    '../../http/src/index.ts',
  ),
  plant('http-goes-down-only', 'packages/http/src/planted-store.ts', '../../store/src/index.ts'),
  plant(
    'pipeline-goes-down-only',
    'packages/pipeline/src/planted-store.ts',
    '../../store/src/index.ts',
  ),
  plant(
    'store-goes-down-only',
    'packages/store/src/planted-pipeline.ts',
    '../../pipeline/src/index.ts',
  ),
  plant(
    'service-stands-on-shells',
    'packages/service/src/planted-partners.ts',
    '../../partners/src/index.ts',
  ),
  plant(
    'services-do-not-import-each-other',
    'services/intake/src/planted-referral.ts',
    '../../referral/src/index.ts',
  ),
  plant(
    'sandbox-never-in-production',
    'services/referral/src/planted-sandbox.ts',
    '../../sandbox/src/index.ts',
  ),
  plant(
    'sandbox-never-in-production',
    'services/cli/src/commands/planted-sandbox.ts',
    '../../../sandbox/src/index.ts',
  ),
  plant(
    'sandbox-never-in-production',
    'services/cli/src/run/sandbox-process-planted.ts',
    '../../../sandbox/src/index.ts',
  ),
  plant(
    'sandbox-never-in-production',
    'docker/planted-sandbox.ts',
    '../services/sandbox/src/index.ts',
  ),
  plant(
    'sandbox-is-loaded-by-start-only',
    'services/cli/src/commands/planted-static.ts',
    '../run/sandbox-process.ts',
  ),
  plant(
    'packages-do-not-import-services',
    'packages/store/src/planted-service.ts',
    '../../../services/intake/src/index.ts',
  ),
  plant(
    'products-do-not-import-tools',
    'services/console/src/planted-tools.ts',
    '../../../tools/testing/queue-summary.ts',
  ),
  plant(
    'products-do-not-import-tests',
    'services/console/src/planted-harness.ts',
    '../../../tests/durability/population.ts',
  ),
  plant('src-holds-no-test-helper', 'packages/store/src/planted-vitest.ts', 'vitest'),
  plant(
    'shelf-folders-are-strangers',
    'packages/ehrs/src/epic/planted-neighbor.ts',
    '../hapi/index.ts',
  ),
  plant('sdoh-has-no-npm-or-node', 'packages/sdoh/src/planted-node.ts', 'node:fs'),
  plant('sdoh-has-no-npm-or-node', 'packages/sdoh/src/planted-npm.ts', 'vitest'),
  plant(
    'sdoh-uses-the-first-door-of-fhir',
    'packages/sdoh/src/planted-client.ts',
    '@loopwell/fhir/client',
  ),
  plant(
    'first-door-of-fhir-has-no-client',
    'packages/fhir/src/planted-door.ts',
    './client/index.ts',
  ),
  plant(
    'fhir-client-only-where-servers-are-spoken-to',
    'services/enrichment/src/planted-client.ts',
    '@loopwell/fhir/client',
  ),
  plant('sockets-only-in-outbound', 'services/referral/src/planted-undici.ts', 'node:https'),
  plant('mail-only-in-messages', 'packages/outbound/src/planted-mail.ts', 'nodemailer'),
  plant('postgres-only-in-the-store', 'packages/pipeline/src/planted-pg.ts', 'pg'),
  {
    rule: 'postgres-only-in-the-store',
    file: 'packages/pipeline/src/planted-pg-type.ts',
    text: "import type { Pool } from 'pg';\nexport type Planted = Pool;\n",
  },
  {
    rule: 'sql-only-in-the-store',
    file: 'services/referral/src/planted-sql.ts',
    text: "export const planted = 'select id from person where tenant = $1';\n",
  },
  {
    rule: 'sql-only-in-the-store',
    file: 'services/console/src/planted-template.ts',
    text: 'export const planted = `\n  delete from ledger where stage = $1`;\n',
  },
  {
    rule: 'sql-only-in-the-store',
    file: 'packages/pipeline/src/planted-query.ts',
    text:
      'export const planted = (tx: { query(text: string): void }) => ' +
      'tx.query("savepoint half");\n',
  },
  {
    rule: 'sql-only-in-the-store',
    file: 'tools/testing/planted-query.mjs',
    text: 'export const planted = (tx) => tx.query.bind(tx);\n',
  },
  {
    rule: 'sql-only-in-the-store',
    file: 'docker/planted-sql.ts',
    text: "export const planted = '-- all\\n truncate ledger';\n",
  },
  {
    rule: 'tasks-move-in-one-place',
    file: 'packages/store/src/reports/planted-move.ts',
    text: "export const planted = 'update task set status = $1 where tenant = $tenant and id = $2';\n",
  },
  {
    rule: 'tasks-move-in-one-place',
    file: 'services/referral/src/track/planted-move.ts',
    text: "export const planted = 'update loopwell.task t set reason = $1, body = $2';\n",
  },
  {
    rule: 'one-clock-for-deadlines',
    file: 'packages/store/src/referral/planted-clock.ts',
    text: "export const planted = 'select 1 from task where accept_by < now()';\n",
  },
  {
    rule: 'one-clock-for-deadlines',
    file: 'packages/store/src/access/planted-clock.ts',
    text: 'export const planted = `update hold set at = clock_timestamp()\n where tenant = $1`;\n',
  },
  ...[
    "'select id from person_seen, ledger where stage = $1'",
    "'update ledger set due = now() where stage = $1'",
    "'delete from ledger where tenant_of = $1'",
    "'insert into ledger (stage, subject) values ($1, $2)'",
    "'select 1 from task t join referral r on r.id = t.referral where r.tenant = $tenant'",
    "'select 1 from referral where tenant = $tenant and id in (select referral from task)'",
  ].map((statement, index) => ({
    rule: 'statements-name-the-tenant',
    file: `packages/store/src/ledger/planted-${index}.ts`,
    text: `export const planted = ${statement};\n`,
  })),
  ...[
    'export const planted = (p: fhir4.Patient) => p.name;',
    'export const planted = ({ telecom }: fhir4.Patient) => telecom;',
    "const key = 'contact';\nexport const planted = (p: fhir4.Patient) => p[key];",
    'type Chart = fhir4.Patient | undefined;\nexport const planted = (c: Chart) => c?.address;',
    'export const planted = (body: string) => (JSON.parse(body) as fhir4.Patient).birthDate;',
  ].map((text, index) => ({
    rule: 'patients-are-read-by-people',
    file: `services/console/src/planted-patient-${index}.ts`,
    text: `import type { fhir4 } from '@loopwell/fhir';\n\n${text}\n`,
  })),
  plant(
    'bullmq-only-in-the-pipeline',
    'services/cli/src/planted-queue.ts',
    '../../../packages/pipeline/node_modules/bullmq/dist/esm/index.js',
  ),
  plant(
    'express-only-in-http-and-sandbox',
    'services/console/src/planted-express.ts',
    '../../sandbox/node_modules/express/index.js',
  ),
  plant(
    'only-tests-import-testing',
    'services/console/src/planted-testing.ts',
    '@loopwell/testing',
  ),
  plant(
    'no-way-around-the-front-door',
    'services/intake/src/planted-deep.ts',
    '../../../packages/store/src/ledger/ledger.ts',
  ),
  plant(
    'only-tests-import-test-support',
    'packages/sdoh/src/planted-support.ts',
    '../test/bundles.ts',
  ),
  plant('nobody-imports-a-test', 'packages/kit/src/planted-test.ts', './kit.test.ts'),
  plant('no-circles', 'packages/kit/src/planted-circle-a.ts', './planted-circle-b.ts'),
  // A circle is reported once, at its first file; the second is also one file too many.
  plant(
    'kit-has-six-files-at-most',
    'packages/kit/src/planted-circle-b.ts',
    './planted-circle-a.ts',
  ),
  plant('what-is-imported-exists', 'packages/kit/src/planted-missing.ts', 'nowhere-to-be-found'),
];

const many = (line: string, count: number) => Array.from({ length: count }, () => line).join('\n');

/** The same for the house rules that the linter holds. */
export const plantedLint: readonly Planted[] = [
  {
    rule: 'noDefaultExport',
    file: 'packages/kit/src/planted-default.ts',
    text: 'export default 1;\n',
  },
  {
    rule: 'noNonNullAssertion',
    file: 'packages/kit/src/planted-assertion.ts',
    text: 'export const first = [1][0]!;\n',
  },
  {
    rule: 'noExplicitAny',
    file: 'packages/kit/src/planted-any.ts',
    text: 'export const thing: any = 1;\n',
  },
  { rule: 'noConsole', file: 'packages/kit/src/planted-console.ts', text: "console.log('x');\n" },
  {
    rule: 'noProcessEnv',
    file: 'services/intake/src/planted-env.ts',
    text: 'export const home = process.env.HOME;\n',
  },
  {
    rule: 'noExcessiveLinesPerFunction',
    file: 'packages/kit/src/planted-long.ts',
    text: `export function long(): void {\n${many('  JSON.parse("1");', 61)}\n}\n`,
  },
  {
    rule: 'noExcessiveLinesPerFile',
    file: 'packages/kit/src/planted-file.ts',
    text: `${many("JSON.parse('1');", 301)}\n`,
  },
  {
    rule: 'noFloatingPromises',
    file: 'packages/kit/src/planted-promise.ts',
    text: 'const later = async () => 1;\nexport const now = () => {\n  later();\n};\n',
  },
  {
    rule: 'noFocusedTests',
    file: 'packages/kit/src/planted.test.ts',
    text: "import { it } from 'vitest';\n\nit.only('x', () => {});\n",
  },
  {
    rule: 'noSkippedTests',
    file: 'packages/kit/src/planted-skip.test.ts',
    text: "import { it } from 'vitest';\n\nit.skip('x', () => {});\n",
  },
  {
    rule: 'useFilenamingConvention',
    file: 'packages/kit/src/plantedCase.ts',
    text: 'export const x = 1;\n',
  },
];
