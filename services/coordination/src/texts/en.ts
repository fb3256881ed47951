import { intlFormats } from '@loopwell/http';
import { isSafetyCategory } from '@loopwell/sdoh';
import { accountTexts } from './accounts.en.ts';
import { answerFormTexts } from './answers.en.ts';
import { consentTexts } from './consent/consent.en.ts';
import { decisionTexts } from './decisions.en.ts';
import { onDutyTexts } from './on-duty.en.ts';
import { callTexts } from './partners/calls.en.ts';
import { editPartnerTexts } from './partners/edit-partner.en.ts';
import { partnerTexts } from './partners.en.ts';
import { addNeedTexts } from './people/add-need.en.ts';
import { byHandTexts } from './people/by-hand.en.ts';
import { contactTexts } from './people/contact.en.ts';
import { chartTexts, demandTexts } from './people/demands.en.ts';
import { helpTexts } from './people/help.en.ts';
import { householdTexts } from './people/household.en.ts';
import { lateHelpTexts } from './people/late-help.en.ts';
import { mustByTexts } from './people/must-by.en.ts';
import { paperTexts } from './people/paper.en.ts';
import { personPageTexts } from './people/people.en.ts';
import { reachTexts } from './people/reach.en.ts';
import { retentionTexts } from './people/retention.en.ts';
import { safetyTexts } from './people/safety.en.ts';
import { workTexts } from './people/work.en.ts';
import { peopleListTexts } from './people-lists.en.ts';
import { referralTexts } from './referral.en.ts';
import { standingTexts } from './standing.en.ts';
import { undoTexts } from './undo.en.ts';
import { worklistTexts } from './worklist.en.ts';

const capitalized = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;

/** The category of help that the guide has no name for. */
const unspecified = 'sdoh-category-unspecified';

/**
 * Writes a category in plain words: "transportation-insecurity" is "Transportation insecurity".
 * A name that tells an answer about safety is not written.
 */
const needWords = (category: string): string =>
  isSafetyCategory(category) || category === unspecified
    ? 'A need'
    : capitalized(category.replaceAll('-', ' '));

/** The words for a person of whom little is on file. */
const personTexts = {
  notOnFile: 'Not on file',
  noName: 'a person without a name on file',
  this: 'this person',
  born: (day: string) => `born ${day}`,
};

/** Makes the English texts of the pages for reviewers. */
export const english = (timeZone: string, now?: () => Date) => {
  const formats = intlFormats('en-US', timeZone, now);
  return {
    language: 'en',
    formats,
    need: needWords,
    person: personTexts,
    ...worklistTexts(formats),
    ...decisionTexts(formats),
    ...peopleListTexts(formats),
    ...helpTexts(formats),
    standing: standingTexts(formats),
    consent: consentTexts(formats, timeZone),
    contact: contactTexts(now),
    byHand: byHandTexts,
    addNeed: addNeedTexts,
    household: householdTexts,
    paper: paperTexts,
    undo: undoTexts(formats),
    partners: partnerTexts,
    calls: callTexts(formats),
    editPartner: editPartnerTexts(formats),
    onDuty: onDutyTexts,
    lateHelp: lateHelpTexts(formats),
    personPage: personPageTexts,
    mustBy: mustByTexts,
    reach: reachTexts(formats),
    safety: safetyTexts,
    work: workTexts(formats, now),
    answerForm: answerFormTexts,
    referral: referralTexts(formats),
    accounts: accountTexts(formats),
    demands: demandTexts,
    retention: retentionTexts(formats),
    chart: chartTexts,
  };
};

/** The texts that every language of these pages has. */
export type ReviewTexts = ReturnType<typeof english>;
