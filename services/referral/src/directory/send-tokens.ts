import type { Clock } from '@loopwell/kit';
import { partnerBearers, placeOfBearer, type Secrets, type Tx } from '@loopwell/store';

/** Gives the bearer that we send to an Endpoint address, if there is one. A Map has this shape. */
export type SendTokens = {
  get: (address: string) => string | undefined | Promise<string | undefined>;
};

const keptMs = 5_000;

/**
 * Reads the configured bearers, again after a few seconds, so that a replaced one is not sent for
 * long.
 */
export function configuredTokens(
  resources: { db: Tx; secrets: Secrets; clock: Clock },
  tenant: string,
): SendTokens {
  let kept: { at: number; sealed: Promise<Map<string, string>> } | undefined;
  const read = async () =>
    new Map(
      (await partnerBearers.loadPartnerBearers(resources.db, tenant)).map((partnerBearer) => [
        partnerBearer.address,
        partnerBearer.send,
      ]),
    );
  return {
    async get(address) {
      const now = resources.clock.now().getTime();
      if (!kept || now - kept.at > keptMs) {
        const sealed = read();
        kept = { at: now, sealed };
        sealed.catch(() => {
          kept = undefined;
        });
      }
      const sealed = (await kept.sealed).get(address);
      return sealed && resources.secrets.open(sealed, placeOfBearer({ tenant, address }));
    },
  };
}
