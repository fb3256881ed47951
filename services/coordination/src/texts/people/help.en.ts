import type { Formats } from '@loopwell/http';

/** Makes the English texts of what a person says about the help that a partner reports. */
export const helpTexts = ({ count }: Formats) => ({
  help: {
    title: 'Did it help?',
    notAsked: 'The partner says that it helped. Nobody has asked the person yet.',
    answered: (helped: boolean, day: string, askedBy: string) =>
      `On ${day} they told ${askedBy}: ${helped ? 'it helped' : 'it did not help'}.`,
    question: 'The person says',
    answers: { yes: 'It helped', no: 'It did not help' },
    saidOn: 'Said on',
    record: 'Record what they say',
    recorded: 'What they say is recorded.',
    notRecorded: 'Nothing was recorded. See the field that is marked below.',
    notHelpedYet: 'Nothing was recorded. No partner says that it helped with this.',
    problems: {
      helped: 'Choose what they say.',
      saidOn: 'Enter the day on which they said it, today at the latest.',
      askedBy: 'Enter who asked them.',
    },
    /** The words beside a need on the list of what was helped. */
    rowSays: (helped: boolean) => (helped ? 'they say it helped' : 'they say it did not help'),
    rowNotAsked: 'not asked yet',
    totals: (partnerSays: number, personSays: number, answered: number) =>
      `Partner says helped ${count(partnerSays)} · ${personPart(personSays, answered, { count })}`,
  },
});

const personPart = (personSays: number, answered: number, { count }: Pick<Formats, 'count'>) =>
  answered === 0
    ? 'Person says: nobody was asked yet'
    : `Person says helped ${count(personSays)} of ${count(answered)} who answered`;
