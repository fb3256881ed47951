import { readConfig } from '@loopwell/kit';
import { environmentOf } from '@loopwell/service';
import { expect, it } from 'vitest';
import { referral } from './module.ts';

const needed = {
  DATABASE_URL: 'postgres://127.0.0.1:1/x',
  QUEUE_URL: 'postgres://127.0.0.1:1/x',
  LOOPWELL_SECRET_KEY: 'a'.repeat(64),
  PUBLIC_URL: 'https://loopwell.example',
};

it.each([
  ['ORGANISATION_NAME', 'Lakes Clinic', 'is called SITE_NAME now'],
  ['LOOPWELL_ORGANISATION', 'lakes', 'is called LOOPWELL_TENANT now'],
  ['SITE_NAME', ' ', 'must be a name of 1 to 200 characters'],
  ['SITE_NAME', 'two\nlines', 'must be a name of 1 to 200 characters'],
  ['SITE_PHONE', 'call us', 'must be one phone number, such as +1 612 555 0100'],
  ['MINOR_AGE', 'young', 'must be an age in years from 0 to 30'],
  ['MINOR_AGE', '31', 'must be an age in years from 0 to 30'],
  ['MINOR_AGE', '17.5', 'must be an age in years from 0 to 30'],
  ['CONTACT_FROM_CHART', 'perhaps', 'must be true or false'],
  ['READ_AFTER_END', 'soon', 'must be a duration such as 12h or 30d, up to ten years'],
  ['TIME_ZONE', '-06:00', 'must be the name of a time zone such as America/Chicago'],
  ['CONSENT_POLICY', 'hipaa', 'must be the system|code of a policy that permits'],
  ['DECIDE_BY', 'later', 'must be a duration such as 15s, 2h or 3d, or business days such as 2bd'],
])('a bad setting is named with its rule: %s=%s', (name, value, rule) => {
  expect(() => readConfig(environmentOf(referral), { ...needed, [name]: value })).toThrow(
    `Configuration is not usable: ${name}: ${rule}`,
  );
});

it('an empty setting is none', () => {
  const empty = {
    SITE_NAME: '',
    SITE_PHONE: '',
    MINOR_AGE: '',
    TIME_ZONE: '',
    CONTACT_FROM_CHART: '',
    ORGANISATION_NAME: '',
  };
  const read: object = readConfig(environmentOf(referral), { ...needed, ...empty });
  // What the site has chosen counts then, or the default of the site.
  for (const name of ['SITE_NAME', 'SITE_PHONE', 'MINOR_AGE', 'TIME_ZONE', 'CONTACT_FROM_CHART'])
    expect([name, Reflect.get(read, name)]).toEqual([name, undefined]);
});
