/** The English texts of a consent that says who signed, to whom it goes, and what. */
export const wholeConsentTexts = (language: string, timeZone: string) => ({
  /** "Nov 20, 2026", as a nurse writes it. */
  longDay: (text: string): string => longDayIn(language, timeZone, text),
  ...signerTexts,
  ...validityTexts,
  ...recipientTexts,
  ...contentTexts,
  stays: staysTexts,
  form: formTexts,
  fieldNames,
  rules: ruleTexts,
});

/** The words of who signed, and how. */
const signerTexts = {
  signedBy: (name: string) => `Signed by ${name}`,
  saidBy: (name: string) => `Said by ${name}`,
  authority: { self: '', parent: 'parent', guardian: 'guardian', agent: 'agent' },
  method: {
    paper: 'paper',
    'e-signature': 'e-signature',
    'in-chart': 'in the chart',
    spoken: 'spoken',
  },
};

/** The words of until when it counts, and on what ground. */
const validityTexts = {
  goodTo: (day: string) => `good to ${day}`,
  document: (place: string) => ` The form: ${place}.`,
  policyBy: (author: string) => ` A spoken yes counts by the written policy of ${author}.`,
};

/** The words of the places to which a consent goes. */
const recipientTexts = {
  anyOf: (kind: string) => `Any ${kinds[kind] ?? 'place that helps with this'}`,
  only: (names: string) => `Only ${names}`,
  not: (names: string) => `not ${names}`,
};

/** What a partner may read, in words. */
const elementTexts: Readonly<Record<string, string>> = {
  name: 'name',
  contact: 'phone',
  language: 'language',
  household: 'household size',
  address: 'address',
  'birth-date': 'birth date',
};

/** The words of what goes out. */
const contentTexts = {
  elements: elementTexts,
  need: 'need',
  partTwo: ' With substance use treatment records.',
};

/** The words of what cannot be recalled when a consent is taken back. */
const staysTexts = {
  hasRead: (partner: string, at: string) =>
    `The consent was taken back, and ${partner} has read this person's data before, last on ${at}. That cannot be recalled: tell them.`,
  wasTold: (partner: string) =>
    `The consent was taken back, and ${partner} has this referral in its own system or was told by phone. That cannot be recalled: tell them.`,
};

/** Writes a day or an instant as "Nov 20, 2026" in a time zone. */
export function longDayIn(language: string, timeZone: string, text: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  const zone = isDay ? 'UTC' : timeZone;
  const parts = { year: 'numeric', month: 'short', day: 'numeric', timeZone: zone } as const;
  return new Intl.DateTimeFormat(language, parts).format(at);
}

/** What people call a place that gives one kind of help. */
const kinds: Readonly<Record<string, string>> = {
  'food-insecurity': 'food shelf',
  'housing-instability': 'housing agency',
  homelessness: 'shelter',
  'inadequate-housing': 'housing agency',
  'transportation-insecurity': 'ride service',
  'utility-insecurity': 'help with energy bills',
  'financial-insecurity': 'help with money',
  'employment-status': 'job service',
  'educational-attainment': 'school or class',
  'veteran-status': 'veterans service',
};

/** The labels of the ways in which a consent is made. */
const methodLabels = {
  paper: 'on paper',
  'e-signature': 'e-signature',
  'in-chart': 'in the chart',
  spoken: (author: string) => `spoken, by our written policy (${author})`,
};

/** The words of who signed, how, and until when, on the form. */
const signerFieldTexts = {
  signer: 'Who signed',
  signerHint: 'left empty: the person, by the name in the chart',
  authority: 'Signed as',
  authorities: {
    self: 'the person',
    parent: 'parent of a minor',
    guardian: 'guardian',
    agent: 'health care agent',
  },
  method: 'How',
  methods: methodLabels,
  document: 'Where the form is',
  documentHint: 'required, such as “binder at the front desk”',
  required: 'required',
  until: 'Good to',
};

/** The labels of what a partner may read. */
const elementLabels = {
  name: 'Name',
  contact: 'How to reach them, as they chose',
  language: 'Language and interpreter',
  household: 'Household size',
  address: 'Address',
  'birth-date': 'Birth date',
};

/** The words of who may read what, on the form. */
const scopeFieldTexts = {
  who: 'Who may know',
  kind: (words: string) => `${words} in the directory`,
  eachKind: 'any place in the directory that helps with their need',
  namedOnly: 'only the places ticked below',
  places: 'Places on the form',
  except: 'Not these',
  elements: 'What they may read',
  elementLabels,
  householdSize: 'How many live there',
  partTwo: 'The form is about substance use treatment records (42 CFR Part 2)',
};

const formTexts = {
  intro:
    'A partner reads exactly what is ticked here, and what help is needed. A spoken yes belongs under the agreement.',
  ...signerFieldTexts,
  ...scopeFieldTexts,
  record: 'Record consent',
  takeBack: 'Taking it back',
  why: 'Why it is taken back',
  everything: 'Everything for this person: all needs, all clinics',
};

/** The fields of a consent as an error names them. */
const fieldNames: Readonly<Record<string, string>> = {
  signer: signerFieldTexts.signer,
  authority: signerFieldTexts.authority,
  method: signerFieldTexts.method,
  document: signerFieldTexts.document,
  kind: scopeFieldTexts.who,
  places: scopeFieldTexts.places,
  except: scopeFieldTexts.except,
  elements: scopeFieldTexts.elements,
  householdSize: scopeFieldTexts.householdSize,
};

/** The sentence for each rule that a field of a consent may break. */
const ruleTexts: Readonly<Record<string, string>> = {
  required: 'Fill this in.',
  future: 'A consent cannot be signed in the future.',
  'before-signature': 'This is before the day of the signature.',
  ended: 'This consent has ended already.',
  'unknown-place': 'This place is not in the directory.',
  'no-such-place': 'No place in the directory gives this help.',
  'other-need': 'This place does not help with this need.',
  'places-or-kind': 'Choose places or a kind of place, not both.',
  'nobody-left': 'Every place that is named is excluded.',
  'minor-alone':
    'This person is under age: a parent or guardian signs, but for what they agreed to alone.',
  'parent-of-adult': 'A parent signs for a minor only.',
  'age-unknown': 'The chart has no birth date, so a parent cannot sign.',
  'taken-back-since':
    'The person took it back after this day. Ask them, and record the day on which they sign anew.',
  'no-policy':
    'A spoken yes is the agreement. The site has no written policy that makes it a consent.',
  name: 'A partner has to know the name.',
  'not-shared': 'Tick household size, or leave this empty.',
  'part-2-names-partner': 'For these records the form has to name the places.',
  'part-2-in-writing': 'For these records a signed form is needed.',
};
