/** The English texts about who lives with a person, as they say. */
export const householdTexts = {
  title: 'Household',
  notices: {
    done: 'It was recorded.',
    wrong: 'Nothing was recorded. Look at the field that is marked.',
  },
  notAsked: 'Nobody has asked who lives with them.',
  lives: (size: number, ages: string, day: string) => {
    const people = size === 1 ? 'Lives alone' : `${size} people live there, themselves included`;
    return `${people}${ages === '' ? '' : ` (ages ${ages})`}, as they said on ${day}.`;
  },
  kinds: { guardians: 'Guardian', children: 'Minor child', siblings: 'Brother or sister' },
  familyHint:
    'One visit, one message and one referral for the brothers and sisters. Nobody is linked by address or phone.',
  open: 'Record what they say',
  size: 'How many live there',
  ages: 'Ages',
  agesHint: 'in years, with commas',
  saidOn: 'Said on',
  record: 'Record',
  problems: {
    size: 'Enter a number from 1 to 40, the person included.',
    ages: 'Enter whole years with commas between them, such as 34, 6, 2.',
    'ages more-than-size': 'There are more ages than people.',
    saidOn: 'Enter the day on which they said it.',
    'saidOn future': 'This day is in the future.',
  } as Readonly<Record<string, string>>,
};
