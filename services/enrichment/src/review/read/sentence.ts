import { dayIn } from '@loopwell/kit';

/**
 * Why something was suggested, with the day on which it was answered at the site. The sentence is
 * kept with the day that the data writes, which in another zone may be another day.
 *
 * @param timeZone IANA name of the site's
 */
export function sentenceAt(
  timeZone: string,
  { sentence, authored }: { sentence: string; authored: string | null },
): string {
  const at =
    authored !== null && /T.*(Z|[+-]\d{2}:\d{2})$/.test(authored) ? new Date(authored) : undefined;
  if (authored === null || at === undefined || Number.isNaN(at.getTime())) return sentence;
  const written = ` on ${authored.slice(0, 10)} (`;
  const place = sentence.lastIndexOf(written);
  if (place < 0) return sentence;
  return `${sentence.slice(0, place)} on ${dayIn(timeZone, at)} (${sentence.slice(place + written.length)}`;
}
