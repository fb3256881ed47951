import type { ConsentDoubt } from './evaluate-consent.ts';

/**
 * Returns the sentence for reviewers that says why a Consent does not permit and names the element.
 * DECISIONS D49.
 */
export function doubtWords({ problem, path }: ConsentDoubt): string {
  return sentences[problem](path);
}

/** Tells reviewers why no Consent counts for now: the EHR holds one that it cannot show. */
export const unshownWords =
  'The EHR holds a Consent that it cannot show, and nobody knows whose: it may be a no of this ' +
  'person’s. Nothing is sent until the EHR ' +
  'shows it, or an operator who knows that it is nobody’s here closes it (Consent, under what ' +
  'is not read).';

/**
 * Tells reviewers why no Consent of the EHR counts for now: the EHR's could not be read up to now.
 */
export const unreadWords =
  'The EHR’s Consents could not be read up to now, so that a later no may be missing. Nothing ' +
  'is sent on a Consent of the EHR until ' +
  'they are read; status and console say why they are not. A consent that is recorded here ' +
  'counts meanwhile.';

/** Tells reviewers why a consent does not count for Part 2 data. */
export const partTwoWords =
  'This need rests on substance use treatment records (42 CFR Part 2). They go out only with a ' +
  'signed consent that is about them and names the partner.';

const correct = 'Loopwell permits nothing on it: have it corrected in the chart.';

type Sentence = (path: string) => string;

/** Problems of how a Consent is written. */
const ofShape = {
  unreadable: () =>
    'A Consent that may be about this person could not be read at all: it is in the ' +
    'quarantine. Have it corrected in the chart.',
  'not-defined': (path: string) =>
    `FHIR R4 does not define ${path}, and it may change what the Consent means. ${correct}`,
  modifier: (path: string) => `${path} may change what the Consent means. ${correct}`,
  'implicit-rules': (path: string) => `${path} names rules that Loopwell does not know. ${correct}`,
  list: (path: string) => `${path} is a list where FHIR R4 has one value. ${correct}`,
  'no-list': (path: string) => `${path} is one value where FHIR R4 has a list. ${correct}`,
  form: (path: string) => `${path} cannot be read. ${correct}`,
} satisfies Partial<Record<ConsentDoubt['problem'], Sentence>>;

/** Problems of what stands in an element. */
const ofElements = {
  masked: (path: string) => `${path} says that a value is missing or withheld. ${correct}`,
  'value-set': (path: string) =>
    `${path} holds a code that FHIR R4 does not have there. ${correct}`,
  missing: (path: string) => `${path} is missing. ${correct}`,
  'two-values': (path: string) => `${path} has more than one value. ${correct}`,
  'left-out': (path: string) => `${path} says that parts of the Consent were left out. ${correct}`,
} satisfies Partial<Record<ConsentDoubt['problem'], Sentence>>;

const sentences: Readonly<Record<ConsentDoubt['problem'], Sentence>> = {
  ...ofShape,
  ...ofElements,
  'not-evaluated': (path) =>
    `${path} sets a condition that Loopwell does not judge. A person has to read the Consent.`,
  actor: (path) =>
    `${path} names somebody whom Loopwell cannot tell from the partner. A person has to read ` +
    'the Consent.',
  period: (path) => `${path} ends before it starts. ${correct}`,
  policy: (path) =>
    `${path} names something that is not known to permit sharing, or a refusal. A person has ` +
    'to read the Consent.',
  'policy-missing': () =>
    'The Consent names neither Consent.policy nor Consent.policyRule, and the site has not ' +
    'said which policy its forms fall under.',
  'not-verified': (path) => `${path} is not true: nobody has checked this Consent with the person.`,
  kind: (path) =>
    'A signed document of this kind is on file; nobody has told Loopwell what it permits ' +
    `(${path}).`,
  'no-of-unknown-kind': (path) =>
    `A signed no of a kind that Loopwell does not know is on file (${path}). A person has to ` +
    'read it.',
};
