import { access, type Database } from '@loopwell/store';

const dayMs = 86_400_000;

/** Makes a one-time sign-in link with all roles for the person who started this run. */
async function signInLink(db: Database, tenant: string, base: string): Promise<string> {
  const granted = {
    tenant,
    kind: 'sign-in' as const,
    principal: 'person:operator',
    roles: access.roles,
    routes: [],
  };
  const secret = await db.tx((tx) => access.grantAccess(tx, granted, { ttlMs: dayMs }));
  return `${base}/sign-in?token=${secret}`;
}

/** Prints the addresses of the sign-in link, the pages and the API. */
export async function sayAddresses(
  composition: { db: Database; address: string },
  tenant: string,
  publicUrl: string | undefined,
  say: (sentence: string) => void,
): Promise<void> {
  const base = publicUrl ?? composition.address;
  say(
    `Sign in: ${await signInLink(composition.db, tenant, base)} (once, within a day; ` +
      'loopwell sign-in makes another)',
  );
  say(`Console: ${base}/console   Review: ${base}/review   API: ${base}/docs`);
}
