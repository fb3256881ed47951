import { intlFormats } from '@loopwell/http';
import { actionTexts } from './actions.en.ts';
import { overviewTexts } from './overview.en.ts';

/** Returns the English texts of the pages for operators. */
export const english = (timeZone: string) => {
  const formats = intlFormats('en-US', timeZone);
  return {
    language: 'en',
    formats,
    overview: overviewTexts(formats),
    ...actionTexts(formats),
  };
};

/** The texts that every language of these pages has. */
export type ConsoleTexts = ReturnType<typeof english>;
