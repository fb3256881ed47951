import { readConfig } from '@loopwell/kit';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineService, environmentOf, refuseFormerNames } from './index.ts';

const sample = defineService({
  name: 'sample',
  port: 8099,
  needs: ['PUBLIC_URL'],
  fields: { SAMPLE_BATCH: z.coerce.number().int().default(5) },
  settingsOf: (environment) => ({ batch: environment.SAMPLE_BATCH }),
  wire: () => ({}),
});
const needed = {
  DATABASE_URL: 'postgres://127.0.0.1:1/x',
  QUEUE_URL: 'redis://127.0.0.1:1',
  PUBLIC_URL: 'https://loopwell.example',
};
const read = (environment: Record<string, string>) =>
  readConfig(environmentOf(sample), environment);

describe('the environment of a service', () => {
  it('has the variables of the host, the port by its name, and those of the service', () => {
    expect(read({ ...needed, SAMPLE_PORT: '9000' })).toMatchObject({
      LOOPWELL_TENANT: 'default',
      SAMPLE_PORT: 9000,
      SAMPLE_BATCH: 5,
      DATABASE_POOL: 10,
    });
  });

  it('names every variable that is bad or missing at once', () => {
    const bad = { DATABASE_URL: 'mysql://x', SAMPLE_BATCH: 'many', TIME_ZONE: 'here' };
    expect(() => read(bad)).toThrow(
      /DATABASE_URL: must be.*QUEUE_URL: is missing.*TIME_ZONE: must be.*PUBLIC_URL: is missing.*SAMPLE_BATCH: /,
    );
  });

  it.each([
    ['LOOPWELL_ORGANISATION', 'LOOPWELL_TENANT'],
    ['ORGANISATION_NAME', 'SITE_NAME'],
  ])('refuses %s, in a service and on the command line', (former, name) => {
    const sentence = `${former}${'.*'}is called ${name} now`;
    expect(() => read({ ...needed, [former]: 'lakes' })).toThrow(new RegExp(sentence));
    expect(() => refuseFormerNames({ [former]: 'lakes' })).toThrow(new RegExp(sentence));
    expect(() => refuseFormerNames({ [former]: '' })).not.toThrow();
  });
});
