import type { OpenTime } from '../clocks/open-hours.ts';

const dayMinutes = 1_440;
const timeForm = String.raw`(\d{1,2})(?::([0-5]\d))?\s*([ap])?\.?(?:m\.?)?`;
const openForm = new RegExp(`^${timeForm}\\s*(?:-|–|to)\\s*${timeForm}$`, 'i');

/**
 * Reads the open times of one day as people write them: "8 am-12 pm, 1 pm-5 pm", or 08:00-17:00. A
 * blank text is a closed day.
 *
 * @returns undefined where a time cannot be read, or two overlap
 */
export function readOpenTimes(text: string): OpenTime[] | undefined {
  const pieces = text.split(/[,;]/).map((piece) => piece.trim());
  const times: OpenTime[] = [];
  for (const piece of pieces.filter((one) => one !== '')) {
    const time = readOpenTime(piece);
    const before = times.at(-1);
    const isApart = !before || (before.to > before.from && time && time.from >= before.to);
    if (!time || !isApart) return undefined;
    times.push(time);
  }
  return times;
}

/** Reads one open time. Past midnight it goes only where am and pm say so. */
function readOpenTime(piece: string): OpenTime | undefined {
  const [, hour, minute, half, endHour, endMinute, endHalf] = openForm.exec(piece) ?? [];
  const from = minutesOf(hour, minute, half);
  const to = minutesOf(endHour, endMinute, endHalf);
  if (from === undefined || to === undefined || from === dayMinutes) return undefined;
  const isClear = half === undefined ? endHalf === undefined && to > from : endHalf !== undefined;
  return isClear ? { from, to } : undefined;
}

/** Gives minutes after midnight. Without am or pm the minutes have to be written. */
function minutesOf(hour = '', minute?: string, half?: string): number | undefined {
  const [hours, minutes] = [Number(hour), Number(minute ?? 0)];
  if (half !== undefined) {
    const isLate = half.toLowerCase() === 'p';
    return hours >= 1 && hours <= 12
      ? (hours % 12) * 60 + minutes + (isLate ? dayMinutes / 2 : 0)
      : undefined;
  }
  const sum = hours * 60 + minutes;
  return hour !== '' && minute !== undefined && sum <= dayMinutes ? sum : undefined;
}

/** Writes the open times of one day, as `readOpenTimes` reads them. */
export const writeOpenTimes = (times: readonly OpenTime[]): string =>
  times.map(({ from, to }) => `${timeText(from)}-${timeText(to)}`).join(', ');

function timeText(minutes: number): string {
  const hours = Math.floor(minutes / 60) % 24;
  const rest = minutes % 60;
  const half = hours < 12 ? 'am' : 'pm';
  const written = rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`;
  return `${hours % 12 || 12}${written} ${half}`;
}
