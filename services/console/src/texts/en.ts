import { intlFormats } from '@loopwell/http';
import { actionTexts } from './actions.en.ts';
import { overviewTexts } from './overview.en.ts';
import { siteTexts } from './site.en.ts';

/** Returns the English texts of the pages for operators. */
export const english = (timeZone: string, now?: () => Date) => {
  const formats = intlFormats('en-US', timeZone, now);
  return {
    language: 'en',
    formats,
    overview: overviewTexts(formats),
    ...actionTexts(formats),
    site: siteTexts,
  };
};

/** The texts that every language of these pages has. */
export type ConsoleTexts = ReturnType<typeof english>;
