/** The kinds of legal demands. */
const kinds = {
  subpoena: 'Subpoena',
  'court-order': 'Court order',
  warrant: 'Warrant',
  agency: 'Request of an agency',
  attorney: 'Letter of an attorney',
  other: 'Another demand',
};

/** The words of the steps that two people agree to. */
const stepTexts = {
  steps: { release: 'the release', end: 'the end' },
  agree: { release: 'I agree to the release', end: 'I agree that it is over' },
  notes: { release: 'What is released, to whom', end: 'Why it is over' },
};

const agreedText = (step: string, who: string, at: string) => `${who} agreed to ${step} on ${at}`;

/** The column headings. */
const columns = {
  person: 'Person',
  kind: 'Kind',
  demandedBy: 'Who demands',
  askedFor: 'What',
  received: 'Received',
  state: 'State',
};

/** The labels of the form. */
const fields = {
  demandedBy: 'Who demands it',
  askedFor: 'What they demand',
  receivedOn: 'Day on which it came',
};

/** The texts of legal demands. */
export const demandTexts = {
  title: 'Legal demands',
  intro:
    'What courts, agencies and attorneys demand. Two different people have to agree before anything ' +
    'is released, and before a demand is over. Nobody is erased while a demand about them is open.',
  where: 'A lead writes a demand down from the page of the person.',
  none: 'No demand is on record.',
  caption: 'Latest first',
  done: 'Recorded.',
  wrong: 'Nothing was recorded:',
  record: 'Write down a demand',
  save: 'Write it down',
  columns,
  fields,
  open: 'Open: this person is not erased.',
  released: 'Two people agreed to the release.',
  over: 'Over.',
  erased: 'Erased',
  kinds,
  ...stepTexts,
  agreed: agreedText,
};

/** The texts of the section of a person's page about who may open it. */
export const chartTexts = {
  title: 'Who may open this chart',
  open: 'Everybody on the care team may open it.',
  restricted: (owner: string | undefined) =>
    owner === undefined ? 'Only leads may open it.' : `Only ${owner} and leads may open it.`,
  restrict: (owner: string | undefined) => `Restrict it to ${owner ?? 'me'} and leads`,
  lift: 'Let the care team open it',
  demands: 'Legal demands about this person',
};
