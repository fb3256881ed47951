/**
 * What a person answered, in a few words for a row of a list: by the question's LOINC code, and by
 * the answer's where the words depend on it. Questions about safety have no words here.
 */
const phrases: Readonly<Record<string, string | Readonly<Record<string, string>>>> = {
  '88122-7': {
    'LA28397-0': 'Often worried that food would run out',
    'LA6729-3': 'Sometimes worried that food would run out',
  },
  '88123-5': { 'LA28397-0': 'Food ran out often', 'LA6729-3': 'Food ran out sometimes' },
  '88124-3': 'Food may not last',
  '71802-3': {
    'LA31994-9': 'Worried about losing a place to live',
    'LA31995-6': 'No steady place to live',
    'LA30190-5': 'No housing',
  },
  '93033-9': 'Worried about losing housing',
  '96778-6': 'Problems in the home',
  '93030-5': 'No ride',
  '99594-4': 'No ride to care',
  '101351-5': 'No ride to care',
  '96779-4': { 'LA33-6': 'Utilities may be shut off', 'LA32002-0': 'Utilities already shut off' },
  '93031-3': 'Could not get things they need',
  '67875-5': 'Out of work',
  '76437-3': 'No health insurance',
  '82589-3': 'Did not finish high school',
  '93029-7': 'Sees few people',
  '76512-3': 'Sees few people',
  '93038-8': 'Under stress',
  '76513-1': 'Hard to pay for the basics',
  '96780-2': 'Wants help with work',
  '93159-2': 'Often lonely',
  '97027-7': 'Speaks another language at home',
  '96782-8': 'Wants help with school or training',
};

/** Gives what was answered in a few words; undefined for a question without words for a list. */
export function reasonPhrase(question: string, answer: string): string | undefined {
  const phrase = phrases[question];
  return typeof phrase === 'object' ? phrase[answer] : phrase;
}
