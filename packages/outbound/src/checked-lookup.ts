import { lookup } from 'node:dns';
import { AppError } from '@loopwell/kit';
import { kindOfAddress } from './addresses.ts';

/** Resolves a name as node's `dns.lookup` with `all` does. */
export type Resolve = (
  hostname: string,
  options: object,
  callback: (error: Error | null, addresses: { address: string; family: number }[]) => void,
) => void;

/** Resolves names as the system does. */
export const systemResolve = lookup as unknown as Resolve;

/** Makes the error of an address that is not called. */
export function refuse(reason: string, origin: string): AppError {
  return new AppError('ADDRESS_REFUSED', 'This address may not be called', {
    facts: { reason, origin },
  });
}

/** Tells whether a resolved address may be opened: a private one where its server was named. */
export function mayConnect(address: string, isNamed: boolean): boolean {
  const kind = kindOfAddress(address);
  return kind === 'public' || (kind === 'private' && isNamed);
}

/** Makes the error of a connection that was refused here. */
export const refusedConnection = () =>
  Object.assign(new Error('refused'), { code: 'ADDRESS_REFUSED' });

type Found = { address: string; family: number };
type LookupCallback = (error: Error | null, address: string | Found[], family?: number) => void;

/**
 * Creates a lookup that refuses a name with any bad address: which one is tried first is not ours
 * to say.
 */
export function checkedLookup(resolve: Resolve, isNamed: boolean) {
  return (hostname: string, options: { all?: boolean }, callback: LookupCallback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      if (!addresses.every(({ address }) => mayConnect(address, isNamed)))
        return callback(refusedConnection(), '', 0);
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      callback(null, first?.address ?? '', first?.family ?? 4);
    });
  };
}
