import type { PartnerProfile } from '@loopwell/sdoh';
import { partnerProfiles, type Tx } from '@loopwell/store';
import type { TellPartner } from '../../messages/tell-partner.ts';
import type { SignInDeps } from './sign-in.ts';

/**
 * The kinds of partners whose helpers need a one-time code besides their own. A partner of more than
 * one kind counts as the one of which most care is taken, so those before health are among them.
 */
const kinds: readonly PartnerProfile['kind'][] = [
  'violence',
  'crisis-shelter',
  'substance-use',
  'health',
  'legal',
];

/** Tells whether the helpers of a partner need a one-time code. An unknown partner's do. */
export async function needsSecondCode(tx: Tx, partner: string): Promise<boolean> {
  const profiles = await partnerProfiles.loadProfiles(tx);
  const profile = profiles.get(partner)?.profile();
  return profile === undefined || kinds.includes(profile.kind);
}

/**
 * Makes the function that sends one-time codes by the way of the helper. A code that is put off comes
 * too late, so it counts as one that was not taken.
 */
export const sendCodeBy =
  (tellPartner: TellPartner, clinicName: () => string): SignInDeps['sendCode'] =>
  async ({ partner, second, code }) => {
    const words = () => `${clinicName()}: your one-time code is ${code}. It counts for 10 minutes.`;
    const to = second.address;
    const notice = { partner, way: second.way, to, kind: 'partner-code' as const, words };
    return (await tellPartner(notice)).state === 'accepted';
  };
