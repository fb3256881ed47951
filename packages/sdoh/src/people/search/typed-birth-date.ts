/** A birth date within a text: the days that it can be, or the rule that it breaks. */
export type TypedBirthDate =
  | { written: string; days: readonly string[]; problem?: undefined }
  | { problem: 'noSuchDate' | 'futureDate' };

const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

type Parts = { written: string; year: string; month: string; day: string };

/**
 * Finds a birth date as people write it, month first where both are possible: 9/21/1985, 9-21-85,
 * 21/9/1985, 1985-09-21, Sep 21, 1985, 21-Sep-85, 21 September 1985. A year of two digits can be of this
 * century or of the last one.
 *
 * @param today YYYY-MM-DD
 */
export function birthDateIn(text: string, today: string): TypedBirthDate | undefined {
  const parts = partsIn(text);
  if (parts === undefined) return undefined;
  const days = daysOf(parts);
  const past = days.filter((day) => day <= today);
  if (past.length > 0) return { written: parts.written, days: past };
  return { problem: days.length > 0 ? 'futureDate' : 'noSuchDate' };
}

function partsIn(text: string): Parts | undefined {
  const yearFirst = /(?<!\d)((?:1[89]|2\d)\d\d)[-/. ](\d{1,2})[-/. ](\d{1,2})(?!\d)/.exec(text);
  if (yearFirst) {
    const [written, year = '', month = '', day = ''] = yearFirst;
    return { written, year, month, day };
  }
  return numbersIn(text) ?? wordsIn(text);
}

function numbersIn(text: string): Parts | undefined {
  const long = /(?<!\d)(\d{1,2})[-/. ](\d{1,2})[-/. ]((?:1[89]|2\d)\d\d)(?!\d)/.exec(text);
  const short = /(?<!\d)(\d{1,2})[-/.](\d{1,2})[-/.]['’]?(\d{2})(?!\d)/.exec(text);
  const [written, first = '', second = '', year = ''] = long ?? short ?? [];
  if (written === undefined) return undefined;
  const isDayFirst = Number(first) > 12 && Number(second) <= 12;
  const [month, day] = isDayFirst ? [second, first] : [first, second];
  return { written, year, month, day };
}

function wordsIn(text: string): Parts | undefined {
  const monthFirst =
    /([a-z]{3,9})[-/., ]{1,2}(\d{1,2})(?:st|nd|rd|th)?[-/., ]{1,2}['’]?(\d{4}|\d{2})(?!\d)/i.exec(
      text,
    );
  if (monthFirst) {
    const [written, word = '', day = '', year = ''] = monthFirst;
    return withMonth({ written, year, day }, word);
  }
  const dayFirst =
    /(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[-/., ]{0,2}(?:of )?([a-z]{3,9})[-/., ]{0,2}['’]?(\d{4}|\d{2})(?!\d)/i.exec(
      text,
    );
  if (!dayFirst) return undefined;
  const [written, day = '', word = '', year = ''] = dayFirst;
  return withMonth({ written, year, day }, word);
}

function withMonth(parts: Omit<Parts, 'month'>, word: string): Parts | undefined {
  const month = months.findIndex((name) => name.startsWith(word.toLowerCase())) + 1;
  const isSept = word.toLowerCase() === 'sept';
  if (month === 0 && !isSept) return undefined;
  return { ...parts, month: String(isSept ? 9 : month) };
}

/** Lists the real days that the parts can be. */
function daysOf({ year, month, day }: Parts): string[] {
  const years = year.length === 4 ? [year] : [`19${year}`, `20${year}`];
  const written = years.map((each) => `${each}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`);
  return written.filter(isRealDay);
}

function isRealDay(day: string): boolean {
  const at = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}
