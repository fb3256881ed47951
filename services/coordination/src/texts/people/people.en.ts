/** The English texts of the page of a person. */
export const personPageTexts = {
  title: 'Person',
  needs: 'Needs',
  noNeeds: 'No needs are on record.',
  age: 'Age',
  recordNumber: 'MRN',
  language: 'Language',
  interpreter: 'Interpreter',
  interpreters: { needed: 'Needed', 'not-needed': 'Not needed' },
  town: 'Lives in',
  address: 'Address',
  showAddress: 'Show address',
  insurance: 'Insurance, as they said',
  screened: 'Last screened',
  helped: 'Help before',
  contactPersons: 'Emergency contacts: not a way to reach them',
  minor:
    'Under age: reach them only as they said. A yes from a parent or guardian needs their name and authority.',
  minorNothing:
    'The site has not set its state, or none of its laws is on file: they agree to nothing alone here.',
  minorAlone:
    'To these they may agree alone, and nothing of it goes to a parent, a guardian or the portal',
  minorServices: {
    health: 'any health service',
    pregnancy: 'pregnancy',
    'sexual-health': 'sexual health',
    'substance-use': 'alcohol and drug use',
    emergency: 'emergency care',
    'hepatitis-b-vaccine': 'hepatitis B vaccine',
  },
  minorSituations: {
    any: '',
    'lives-apart': ', where they live apart from parents and manage their own money',
    'married-or-parent': ', where they are married or have a child',
  },
};
