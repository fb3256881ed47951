import type { TellPartner } from '../../messages/tell-partner.ts';
import type { SignInDeps } from './sign-in.ts';

/**
 * Makes the function that sends one-time codes by the way of the helper. A code that is put off comes
 * too late, so it counts as one that was not taken.
 */
export const sendCodeBy =
  (tellPartner: TellPartner, clinicName: () => string): SignInDeps['sendCode'] =>
  async ({ partner, second, code }) => {
    const words = () => `${clinicName()}: your one-time code is ${code}. It counts for 10 minutes.`;
    const to = second.address;
    const notice = {
      partner,
      way: second.way,
      to,
      kind: 'partner-code' as const,
      words,
    };
    return (await tellPartner(notice)).state === 'accepted';
  };
