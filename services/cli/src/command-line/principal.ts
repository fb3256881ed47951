import { userInfo } from 'node:os';
import { AppError } from '@loopwell/kit';

const principalName = /^[A-Za-z0-9.@_-]{1,64}$/;

/**
 * Returns the principal of a command: the name of `--by`, or the system account that called the
 * command.
 * @throws AppError REQUEST_INVALID for a name with other characters
 */
export function requirePrincipal({ by }: { by?: string }): string {
  return `person:${requirePrincipalName('--by', by ?? accountName())}`;
}

/**
 * Returns a name that is allowed for a principal.
 * @throws AppError REQUEST_INVALID naming the option, for a name with other characters
 */
export function requirePrincipalName(option: string, name: string): string {
  if (principalName.test(name)) return name;
  throw new AppError(
    'REQUEST_INVALID',
    `${option} takes a name or an address of up to 64 letters, digits and .@_-`,
  );
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without a name.
    return 'command-line';
  }
}
