/**
 * The moment that lies some business days (Monday to Friday) after another, at the same time of day. From a Friday
 * afternoon, two business days lead to Tuesday afternoon; what comes in at a weekend counts from Monday's start.
 *
 * Days are those of the machine's time zone. Public holidays are not known here: give a longer deadline around them.
 */
export function addBusinessDays(from: Date, days: number): Date {
  const at = new Date(from);
  if (isWeekend(at)) {
    while (isWeekend(at)) at.setDate(at.getDate() + 1);
    at.setHours(0, 0, 0, 0);
  }
  for (let left = days; left > 0; ) {
    at.setDate(at.getDate() + 1);
    if (!isWeekend(at)) left -= 1;
  }
  return at;
}

const isWeekend = (date: Date): boolean => date.getDay() === 0 || date.getDay() === 6;
