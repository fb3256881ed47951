import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { AppError } from '@loopwell/kit';

/**
 * Seals secrets that have to be read again (bearers, private keys). Secrets that only have to be
 * recognized are kept as fingerprints.
 */
export type Secrets = {
  /**
   * @param place where it will be kept, e.g. `connection/o/clinic`: sealed text is of no use
   *   anywhere else
   */
  seal: (text: string, place: string) => string;
  open: (sealed: string, place: string) => string;
  /**
   * Makes keyed digests of a short secret that only has to be recognized, such as a code of eight
   * digits: without the key nobody finds it by trying. The first one is kept, and each may match.
   */
  digests: (text: string, place: string) => readonly string[];
};

/** Names the place of a connection's secret, to which its seal is bound. */
export const placeOfConnection = (connection: { tenant: string; id: string }): string =>
  `connection/${connection.tenant}/${connection.id}`;

/** Names the place of the bearer that we send to an address, to which its seal is bound. */
export const placeOfBearer = (bearer: { tenant: string; address: string }): string =>
  `partner/${bearer.tenant}/${bearer.address}`;

/** Names the place of a secret setting of a partner, to which its seal is bound. */
export const placeOfSetting = (setting: {
  tenant: string;
  partner: string;
  address: string;
  name: string;
}): string =>
  `partner-setting/${setting.tenant}/${setting.partner}/${setting.address}/${setting.name}`;

/** Names the place of the secret of a webhook of somebody on duty, to which its seal is bound. */
export const placeOfDutyWebhook = (webhook: { tenant: string; url: string }): string =>
  `on-duty/${webhook.tenant}/${webhook.url}`;

/** Names the place of a form that arrived after the lock, to which its seal is bound. */
export const placeOfForm = (form: { tenant: string; principal: string; id: string }): string =>
  `late-form/${form.tenant}/${form.principal}/${form.id}`;

/** Names the place of what is only recognized at the door of a partner. */
export const placeAtDoor = (door: {
  tenant: string;
  what: 'code' | 'second' | 'sender' | 'browser';
  of: string;
}) => `partner-door/${door.tenant}/${door.what}/${door.of}`;

const scheme = 'v1';

/**
 * Reads a key that is given as 64 hexadecimal digits or as base64 of 32 bytes. Any other text gives
 * undefined.
 */
export function keyBytes(text: string): Buffer | undefined {
  const bytes = /^[0-9a-f]{64}$/i.test(text)
    ? Buffer.from(text, 'hex')
    : Buffer.from(text, 'base64');
  return bytes.length === 32 ? bytes : undefined;
}

/**
 * Splits `LOOPWELL_SECRET_KEY` into its keys. The first key seals and all of them open, so that a
 * key can be replaced.
 */
export const keysOf = (text: string): string[] => text.split(',').map((one) => one.trim());

/**
 * Makes the functions that seal and open secrets with one key or several. The cipher is AES-256-GCM
 * with a random 96-bit nonce for each text; the place is bound to it as additional data.
 *
 * @param text one key or several, comma-separated
 * @throws AppError CONFIG_INVALID for a key that is not 32 bytes, and when no key opens what was
 *   sealed: work that needs it waits (`waitsFor`), and goes on by itself where a process has the
 *   right key
 */
export function secretsWith(text: string): Secrets {
  const keys = keysOf(text).map((key) => {
    const bytes = keyBytes(key);
    if (!bytes)
      throw new AppError(
        'CONFIG_INVALID',
        'LOOPWELL_SECRET_KEY must be 32 bytes, as base64 or hexadecimal',
      );
    return bytes;
  });
  // Digests have keys of their own, so that no key is used by two algorithms.
  const digestKeys = keys.map((key) => hkdfSync('sha256', key, '', 'loopwell-digest', 32));
  return {
    digests: (plain, place) =>
      digestKeys.map((key) =>
        createHmac('sha256', Buffer.from(key)).update(`${place}\0${plain}`).digest('base64url'),
      ),
    seal(plain, place) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keys[0] as Buffer, nonce).setAAD(
        Buffer.from(place),
      );
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return [
        scheme,
        ...[nonce, body, cipher.getAuthTag()].map((part) => part.toString('base64url')),
      ].join('.');
    },
    open(sealed, place) {
      const [version, ...parts] = sealed.split('.');
      const [nonce, body, tag] = parts.map((part) => Buffer.from(part, 'base64url'));
      if (version === scheme && nonce && body && tag) {
        for (const key of keys) {
          const plain = unsealed(key, nonce, body, tag, place);
          if (plain !== undefined) return plain;
        }
      }
      throw new AppError(
        'CONFIG_INVALID',
        'A secret was sealed with a key that this process does not have',
        {
          facts: { waitsFor: 'secret-key' },
        },
      );
    },
  };
}

/** Opens sealed bytes with one key; undefined where the key or the place does not fit. */
function unsealed(
  key: Buffer,
  nonce: Buffer,
  body: Buffer,
  tag: Buffer,
  place: string,
): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
      .setAAD(Buffer.from(place))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
