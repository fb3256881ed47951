/** Whether the person needs an interpreter; absent where the record does not say. */
export type InterpreterNeed = 'needed' | 'not-needed';

/** When something was or is in use, with FHIR dates as they were written. */
export type ProfilePeriod = { start?: string | undefined; end?: string | undefined };

export type ProfileName = {
  use?: string | undefined;
  text: string;
  period?: ProfilePeriod | undefined;
  /** Its period cannot be read, so it does not count as current. */
  isUnclear?: true | undefined;
};

export type ProfileContact = {
  system: string;
  /** `ContactPoint.value`: a number, an e-mail address or a web address. */
  address: string;
  use?: string | undefined;
  /** 1 is the preferred contact; absent is after all numbers. */
  rank?: number | undefined;
  period?: ProfilePeriod | undefined;
  isUnclear?: true | undefined;
};

export type ProfileLanguage = {
  code?: string | undefined;
  text?: string | undefined;
  preferred?: true | undefined;
};

export type ProfileAddress = {
  use?: string | undefined;
  lines: readonly string[];
  city?: string | undefined;
  state?: string | undefined;
  postalCode?: string | undefined;
  text?: string | undefined;
  period?: ProfilePeriod | undefined;
  isUnclear?: true | undefined;
};

export type ContactPerson = {
  name?: string | undefined;
  relationships: readonly string[];
  contacts: readonly ProfileContact[];
  period?: ProfilePeriod | undefined;
  isUnclear?: true | undefined;
};

export type ProfilePractitioner = {
  display?: string | undefined;
  reference?: string | undefined;
};

/**
 * What a Patient says that pages and packets show, in the order of the record. It depends on no
 * clock: `profileOn` tells what counts on a day. DECISIONS D135.
 */
export type PersonProfile = {
  names: readonly ProfileName[];
  birthDate?: string | undefined;
  /** The dateTime of death, or true where only the fact is recorded. */
  deceased?: string | true | undefined;
  contacts: readonly ProfileContact[];
  languages: readonly ProfileLanguage[];
  interpreter?: InterpreterNeed | undefined;
  addresses: readonly ProfileAddress[];
  contactPersons: readonly ContactPerson[];
  generalPractitioners: readonly ProfilePractitioner[];
  /** Elements that were left out, by their paths; no values. */
  notes: readonly string[];
};
