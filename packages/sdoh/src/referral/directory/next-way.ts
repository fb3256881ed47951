import { byHand, type Reached } from './partner-endpoints.ts';

/** A way that a Task took: the kind of the channel, and the address. */
export type TakenWay = { channel: string; address: string };

/** Channels that only say that something waits. Whoever cannot be told so can be called. */
const messages: readonly string[] = ['email', 'text'];

/**
 * Gives the way by which a Task goes out after those that failed: the next of its partner that it
 * has not taken. Where a message was the last of them, somebody calls. No way is taken twice.
 *
 * @param ways the ways of the partner, in their order
 * @param taken the ways that the Task took, in their order
 */
export function nextWay(
  organization: string,
  ways: readonly Reached[],
  taken: readonly TakenWay[],
): Reached | undefined {
  const isOpen = ({ kind, address }: Reached) => {
    return !taken.some((way) => way.channel === kind && way.address === address);
  };
  const next = ways.find(isOpen);
  if (next !== undefined) return next;
  const call = byHand(organization);
  const isMessage = messages.includes(taken.at(-1)?.channel ?? '');
  return isMessage && isOpen(call) ? call : undefined;
}
