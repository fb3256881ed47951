import type { Troubled } from '../receivers/receivers.ts';
import type { Outbound } from './outbound.ts';

type Measure = { name: string; help: string; labels: { receiver: string }; amount: number };

/**
 * Measures for Prometheus how long each server lets its oldest request wait. Receivers are origins,
 * and never more than some hundreds.
 */
export function receiverMeasures({ traffic }: Pick<Outbound, 'traffic'>): Measure[] {
  const help =
    'Age of the oldest request that a server has not answered to the end; 0 where none is out';
  return [...traffic.longest()].map(([receiver, seconds]) => ({
    ...{ name: 'loopwell_longest_request_seconds', help, labels: { receiver } },
    amount: Math.round(seconds * 10) / 10,
  }));
}

const words = {
  slow: 'lets requests wait',
  deadline: 'did not answer to the end in time, and is asked again later',
  away: 'cannot be reached or fails, and is asked again later',
  'left-alone':
    'is asked nothing until an operator releases it, since this process ended twice over ' +
    'its answers',
} as const satisfies Record<Troubled['why'], string>;

/**
 * Lists for people the servers by which work is held up now, each in a sentence that names its
 * address.
 */
export function receiverSentences({
  traffic,
  receivers,
}: Pick<Outbound, 'traffic' | 'receivers'>): string[] {
  const waiting = new Map([...traffic.longest()].filter(([, seconds]) => seconds >= 1));
  const troubled = new Map(receivers.troubled().map((one) => [one.origin, one.why]));
  return [...new Set([...waiting.keys(), ...troubled.keys()])].map((origin) => {
    const seconds = waiting.get(origin);
    const why = troubled.get(origin);
    if (seconds !== undefined && (why === undefined || why === 'slow'))
      return `${origin} has not answered a request to the end for ${Math.floor(seconds)} s`;
    return `${origin} ${words[why ?? 'slow']}`;
  });
}
