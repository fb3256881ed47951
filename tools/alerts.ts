import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quietNight, type State, states } from './alerts/states.ts';

/**
 * Holds the alert rules to a table of states, by promtool (Debian's `prometheus`): which alerts
 * fire in each, and that no other does. `pnpm alerts`; another file of rules may be named.
 */
const rules = resolve(
  process.argv[2] ?? fileURLToPath(new URL('../infra/prometheus/alerts.yaml', import.meta.url)),
);

/**
 * A state as `promtool test rules` takes it; what fires is asked of the series that Prometheus
 * keeps of its alerts.
 */
const testOf = ({ says, numbers, after, fires }: State) => ({
  name: says,
  interval: '1m',
  input_series: Object.entries({ ...quietNight, ...numbers }).flatMap(([series, values]) =>
    values === null ? [] : [{ series, values }],
  ),
  promql_expr_test: [
    {
      expr: 'ALERTS{alertstate="firing"}',
      eval_time: after,
      exp_samples: fires.map((one) => ({ labels: labelsOf(one), value: 1 })),
    },
  ],
});

function labelsOf(alert: string): string {
  const [name = '', labels = ''] = alert.split(/\{|\}$/);
  return `ALERTS{alertname="${name}",alertstate="firing",${labels}}`;
}

function promtool(...words: string[]): number {
  const { status, error } = spawnSync('promtool', words, { stdio: 'inherit' });
  if (error)
    process.stderr.write(
      `promtool could not be started (apt-get install prometheus): ${error.message}\n`,
    );
  return status ?? 1;
}

/** Of each rule some state must be able to say that it fires: silence alone proves nothing. */
function unproven(): string[] {
  const names = [...readFileSync(rules, 'utf8').matchAll(/- alert: (\w+)/g)].map(
    ([, name]) => name ?? '',
  );
  return names.filter(
    (name) => !states.some(({ fires }) => fires.some((one) => one.startsWith(`${name}{`))),
  );
}

const folder = mkdtempSync(join(tmpdir(), 'loopwell-alerts-'));
try {
  const file = join(folder, 'states.test.yaml');
  // JSON is YAML.
  writeFileSync(
    file,
    JSON.stringify({ rule_files: [rules], evaluation_interval: '1m', tests: states.map(testOf) }),
  );
  const missing = unproven();
  if (missing.length > 0)
    process.stderr.write(
      `No state in tools/alerts/states.ts lets these fire: ${missing.join(', ')}\n`,
    );
  process.exitCode =
    promtool('check', 'rules', rules) ||
    promtool('test', 'rules', file) ||
    (missing.length > 0 ? 1 : 0);
  if (process.exitCode === 0)
    process.stdout.write(
      `${states.length} states: each alert fires where it must, and no other does.\n`,
    );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
