import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { environmentOf } from '../packages/service/src/index.ts';
import { consoleService } from '../services/console/src/index.ts';
import { coordination } from '../services/coordination/src/index.ts';
import { enrichment } from '../services/enrichment/src/index.ts';
import { intake } from '../services/intake/src/index.ts';
import { referral } from '../services/referral/src/index.ts';

/**
 * The compose file as Compose would read it, beside what docker/README.md promises. No container is
 * started here.
 */
const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
type Service = {
  environment?: Record<string, string>;
  command?: string[];
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
};
const compose = parse(read('docker/compose.yaml'), { merge: true }) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
};
const readme = read('docker/README.md');
const roles = ['intake', 'enrichment', 'referral', 'coordination', 'console'];

/** Documented, and not a matter of the compose file: the image and its ports fix them. */
const isFixed = (name: string) => name === 'LOOPWELL_HOST' || name.endsWith('_PORT');

/** Rows of the table of settings: each name with the services that take it. */
const documented = readme
  .split('\n')
  .filter((line) => /^\| `[A-Z]/.test(line))
  .flatMap((line) => {
    const [, names = '', whose = ''] = line.split('|');
    const services = /\b(all|each)\b/.test(whose)
      ? roles
      : roles.filter((role) => whose.includes(role));
    const found = [...names.matchAll(/`([A-Z][A-Z_]+)`/g)].map((match) => match[1] ?? '');
    return found
      .filter((name) => !isFixed(name))
      .flatMap((name) => services.map((service) => [service, name] as const));
  });

const modules = { intake, enrichment, referral, coordination, console: consoleService };

/** The variables that a service reads. */
const knownTo = (service: string): string[] =>
  Object.entries(modules).flatMap(([name, module]) =>
    name === service ? Object.keys(environmentOf(module).shape) : [],
  );

describe('the compose file', () => {
  it('has a table of settings to be held to', () => expect(documented.length).toBeGreaterThan(40));

  it.each(documented)('hands %s its %s', (service, name) => {
    const environment = compose.services[service]?.environment ?? {};
    expect(Object.keys(environment)).toContain(name in environment ? name : `${name}_FILE`);
    // A setting that nobody can set from outside would not be passed on.
    if (name in environment) expect(environment[name]).toMatch(/^\$\{[A-Z_]+(:[-?].*)?\}$/);
    expect(knownTo(service)).toContain(name);
  });

  it.each(roles)('hands %s nothing that it does not know', (service) => {
    const given = Object.keys(compose.services[service]?.environment ?? {}).map((name) =>
      name.replace(/_FILE$/, ''),
    );
    expect(given.filter((name) => !knownTo(service).includes(name))).toEqual([]);
  });

  it('takes away the right to change what happened between migration and services', () => {
    const job = compose.services['append-only'];
    expect(job?.depends_on?.migrate?.condition).toBe('service_completed_successfully');
    expect(job?.volumes).toEqual([
      expect.stringContaining('infra/postgresql/append-only.sql:/etc/loopwell/append-only.sql'),
    ]);
    for (const role of roles)
      expect(compose.services[role]?.depends_on?.['append-only']?.condition).toBe(
        'service_completed_successfully',
      );
  });

  it('has every service and secret that the documented commands and services name', () => {
    const commands = [...readme.matchAll(/^docker compose -f docker\/compose\.yaml (.*)$/gm)].map(
      (match) => match[1] ?? '',
    );
    expect(commands.length).toBeGreaterThan(1);
    for (const command of commands) {
      const service = /^run --rm (?:-e \S+ )*(\S+)/.exec(command)?.[1];
      if (service !== undefined) expect(Object.keys(compose.services)).toContain(service);
    }
    // What Compose demands stands in docker/.env as documented, so that the second command finds it, too.
    const demanded = new Set(
      [...read('docker/compose.yaml').matchAll(/\$\{([A-Z_]+):\?/g)].map((match) => match[1]),
    );
    const line = readme.split('\n').find((one) => one.endsWith('> docker/.env')) ?? '';
    const written = new Set([...line.matchAll(/'([A-Z_]+)=/g)].map((match) => match[1]));
    expect([...demanded].filter((name) => !written.has(name ?? ''))).toEqual([]);
    const made = [...read('docker/make-secrets.sh').matchAll(/secrets\/([a-z_]+)/g)].map(
      (match) => match[1],
    );
    expect(Object.keys(compose.secrets).filter((name) => !made.includes(name))).toEqual([]);
  });
});
