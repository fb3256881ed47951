import { parsePrivateKey, requireKeyId } from '@loopwell/fhir/client';
import { AppError } from '@loopwell/kit';
import { readTextFile } from './read-file.ts';

/** Options that name files of credentials for the EHR. */
export type CredentialFiles = { ehrTokenFile?: string; ehrKey?: string; ehrKid?: string };

/**
 * Checks that the credential files can be used, before any server is asked.
 * @throws AppError CONFIG_INVALID for a file that cannot be used, before any server is asked
 */
export async function checkCredentialFiles(files: CredentialFiles): Promise<void> {
  const { ehrTokenFile, ehrKey, ehrKid } = files;
  if (ehrTokenFile !== undefined) checkTokenFile(ehrTokenFile);
  if (ehrKey === undefined) return;
  const text = readTextFile(ehrKey, `The key file ${ehrKey}`);
  const { keyId } = await parsePrivateKey(text, ehrKid);
  requireKeyId(ehrKid ?? keyId);
}

function checkTokenFile(file: string): void {
  const name = `The token file ${file}`;
  if (readTextFile(file, name).trim() === '')
    throw new AppError('CONFIG_INVALID', `${name} is empty`);
}
