import type { TaskDelivery } from '@loopwell/store';
import type { ReviewTexts } from '../texts/en.ts';

type Way = Pick<TaskDelivery, 'channel' | 'state' | 'code' | 'changed_at'>;

/** Writes by which ways a request went out: "E-mail bounced; text sent Nov 30, 3:48 pm". */
export function waySentence(ways: readonly Way[], texts: ReviewTexts): string {
  const parts = ways.map((way) => partOf(way, texts));
  const sentence = parts.join('; ');
  const [first = ''] = sentence;
  return `${first.toUpperCase()}${sentence.slice(1)}`;
}

function partOf(way: Way, { calls }: ReviewTexts): string {
  const { way: words } = calls;
  const { channel } = way;
  switch (way.state) {
    case 'delivered':
      return words.sent(channel, way.changed_at);
    case 'intended':
      return words.leaving(channel);
    case 'refused':
    case 'abandoned':
      return words.failed(channel, way.code);
  }
}
