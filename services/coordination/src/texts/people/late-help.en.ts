import type { Formats } from '@loopwell/http';

/** Makes the texts about people who are still without help. */
export const lateHelpTexts = (formats: Formats) => ({
  ...ownerTexts(formats),
  ...lateTexts(formats),
});

/** The words of who looks after the list. */
const ownerTexts = ({ count, plural }: Formats) => ({
  limit: (duration: string) => {
    const n = Number.parseInt(duration, 10);
    return duration.endsWith('d') ? `${count(n)} ${plural(n, 'day', 'days')}` : duration;
  },
  noOwner: (phone: string | undefined) =>
    `Nobody looks after this list. Put somebody on duty.${phone === undefined ? '' : ` Call ${phone}.`}`,
  isTold: (owner: string, limit: string) =>
    `${owner} is told when somebody is without help for longer than ${limit}.`,
});

/** The words of what takes too long, and of who was told. */
const lateTexts = ({ count, plural, instant }: Formats) => ({
  late: (people: number, limit: string) =>
    `${count(people)} ${plural(people, 'person has', 'people have')} been without help for longer ` +
    `than ${limit}.`,
  told: (names: readonly string[], at: Date | null, owner: string) =>
    at === null
      ? `${owner} is being told.`
      : `${names.join(' and ')} ${plural(names.length, 'was', 'were')} told on ${instant(at)}.`,
});
