import { dayIn } from '@loopwell/kit';

/**
 * Gives the sentence of a suggestion with the day of the answer at the site. It is stored with the
 * day as the data writes it, which may be another day in another time zone.
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
