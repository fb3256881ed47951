/**
 * Why a type of an EHR, or a part of it, has not been read. It stays open until it is read, or a
 * person closes it.
 * DECISIONS D95.
 */
export type GapKind =
  | 'refused'
  | 'not-offered'
  | 'short'
  | 'unknown-patient'
  | 'cannot-show'
  | 'failed'
  | 'nothing';

/** A reason as it is kept with a cursor: codes, numbers and instants only. */
export type Gap = {
  kind: GapKind;
  status?: number | undefined;
  issueCode?: string | undefined;
  /** Rows that the EHR said there are, and rows that it gave. */
  total?: number | undefined;
  given?: number | undefined;
  /** End of the window that fell short, RFC 3339. */
  to?: string | undefined;
  /** Code of the error that the work ended with. */
  code?: string | undefined;
};

/** A gap of one type and EHR, over all its cursors. */
export type ReadingGap = Gap & {
  connection: string;
  /** FHIR base of the EHR. */
  ehr: string;
  /** A resource type, or `*` where nothing at all has been read. */
  type: string;
  /**
   * Cursors that it concerns, and cursors of the type: where it is read patient by patient,
   * patients.
   */
  cursors: number;
  of: number;
  byPatient: boolean;
  since?: Date | undefined;
  closedBy?: string | undefined;
  /** Only for `nothing`: what is known of a connection of which nothing was ever read. */
  nothing?: NothingRead | undefined;
};

export type NothingRead = {
  /** Ids of patients that were named, 0 for everyone. */
  patientsNamed: number;
  /** How `/metadata` was answered, where that was looked at. */
  metadataStatus?: number | undefined;
  /** The start of the window that was asked for, RFC 3339. */
  since?: string | undefined;
  /** The searches themselves were refused or failed. */
  isRefused: boolean;
};

/** Types that carry answers. */
const carriesAnswers: ReadonlySet<string> = new Set(['Observation', 'QuestionnaireResponse']);
/**
 * Types that must be read: those with answers, and those without which answers belong to no visit
 * and no person.
 */
const needed: ReadonlySet<string> = new Set([...carriesAnswers, 'Encounter', 'Patient', '*']);

/**
 * Tells whether a gap keeps a run from ending as if all was well. A gap that a person has closed
 * does not, nor does a type that the EHR does not offer and that need not be read.
 */
export function isOpen(gap: Pick<ReadingGap, 'kind' | 'type' | 'closedBy'>): boolean {
  if (gap.closedBy !== undefined) return false;
  return gap.kind !== 'not-offered' || needed.has(gap.type);
}

const without: Readonly<Record<string, string>> = {
  Patient: 'ages, deaths and merged records are not known',
  Encounter: 'visits are not known, and no answer is attached to one',
  Observation: 'screenings that come as Observations are not read',
  QuestionnaireResponse: 'screenings that come as QuestionnaireResponses are not read',
  Condition: 'needs that are on file already are not known',
  Consent: 'no consent of the EHR is known',
  Goal: 'no agreement by a Goal is known',
  ServiceRequest: "the EHR's own orders are not known",
  Appointment: 'the next appointment is typed in',
};

/** Tells in one sentence or two what is missing, and the next step. */
export function sayGap(gap: ReadingGap): string {
  const says = gap.kind === 'nothing' ? sayNothing(gap) : `${gap.type}: ${saying(gap)}`;
  return gap.closedBy === undefined ? says : `${says} Closed by ${gap.closedBy}.`;
}

function saying(gap: ReadingGap): string {
  const { kind, cursors, of, code } = gap;
  const whose = gap.byPatient
    ? ` for ${cursors} of ${of} ${of === 1 ? 'patient' : 'patients'}`
    : '';
  const lost = without[gap.type] ?? 'it is not read';
  switch (kind) {
    case 'refused':
      return `refused by the EHR${codes(gap)}${whose}: ${lost}. ${nextStep(gap)}`;
    case 'not-offered':
      return (
        `the EHR says that it does not offer it${codes(gap)}: ${lost}. Where that is right, ` +
        'close it.'
      );
    case 'short':
      return (
        `the EHR says ${gap.total} and gave ${gap.given}${whose}, and shows no way to the rest. ` +
        'It is read again whole until both agree; where the total is what is wrong, close it.'
      );
    case 'unknown-patient':
      return (
        `the EHR knows no Patient of ${cursors} of ${of} ` +
        `${of === 1 ? 'id that is' : 'ids that are'} named. ` +
        `FHIR ids are wanted, ${idsWanted}`
      );
    case 'cannot-show':
      return (
        `the EHR cannot show ${cursors === 1 ? 'one' : cursors}, and nobody knows whose: ` +
        `it may be a no of anybody's, ` +
        'so that nothing is sent for people of this EHR. Ask the vendor to mend the record; ' +
        "where a person knows that it is nobody's here, close it."
      );
    default:
      return `could not be read${whose}${code ? ` (${code})` : ''}: ${lost}.`;
  }
}

const idsWanted = 'what stands behind Patient/ in an address, and no record numbers (MRN).';

function codes({ status, issueCode }: Gap): string {
  const present = [status, issueCode].filter((code) => code !== undefined);
  return present.length > 0 ? ` (${present.join(', ')})` : '';
}

function nextStep({ type, status, byPatient }: ReadingGap): string {
  if (status === 403) return `Ask the EHR's administrator for system/${type}.rs.`;
  if (status === 404 || status === 405 || status === 501)
    return 'Look whether the EHR has this type, and whether the FHIR base is right.';
  return byPatient
    ? 'It was asked in every form that we know; ask the vendor how this type is searched.'
    : 'It was asked in every form that we know, also without _sort and _lastUpdated; ask the ' +
        'vendor how this type is searched.';
}

function sayNothing({ ehr, nothing }: ReadingGap): string {
  const begin = `Nothing has ever been read from ${ehr}: `;
  const { patientsNamed = 0, metadataStatus, since, isRefused } = nothing ?? {};
  if (metadataStatus !== undefined && metadataStatus >= 400) {
    return (
      `${begin}its /metadata answers ${metadataStatus}, so that this may not be a FHIR base. ` +
      'Look at the address, for example whether /R4 or /fhir is missing.'
    );
  }
  if (patientsNamed > 0) {
    return (
      `${begin}it gave nothing for ` +
      `${patientsNamed === 1 ? 'the one id' : `any of the ${patientsNamed} ids`} that ` +
      `--patients names. FHIR ids are wanted, ${idsWanted}`
    );
  }
  if (isRefused) return `${begin}it refuses or fails. What it said stands with each type.`;
  if (since !== undefined)
    return (
      `${begin}nothing has changed there since ${since} by its clock. Look at --since, and at ` +
      'the clocks of both machines.'
    );
  return (
    `${begin}it answered every search with nothing. Look whether it holds data, whether ` +
    'this client may see it (system/Patient.rs), ' +
    'and whether the base is the one of this tenant.'
  );
}

/** Something noticed while a type was read that lost nothing. */
export type Noticed = {
  code: string;
  ms?: number;
  /** The base to which a next link led. */
  led?: string;
};

/**
 * Tells in one sentence what was noticed. Codes that an EHR's OperationOutcome carries beside the
 * entries are told by their meaning.
 */
export function sayNoticed(type: string, { code, ms, led }: Noticed): string {
  switch (code) {
    case 'ignores-lastUpdated':
      return `${type}: the EHR ignores _lastUpdated, so that it is read whole each time.`;
    case 'ignores-patient':
      return (
        `${type}: the EHR gave resources of other people although it was asked for one ` +
        'patient; kept are those of people who are read here.'
      );
    case 'clock-ahead':
      return (
        `${type}: the EHR's rows are dated ${minutes(ms ?? 0)} later than the clock that it ` +
        'tells; they are read all the same.'
      );
    case 'page-gone':
      return (
        `${type}: pages of a search were gone when they were asked for; reading went on by ` +
        'time from the last row that was seen.'
      );
    case 'page-gone-larger':
      return (
        `${type}: pages of a search were gone when they were asked for; it was asked for anew, ` +
        'with larger pages.'
      );
    case 'next-elsewhere':
      return (
        `${type}: a next link led to ${led ?? 'another host'} and was not followed; ` +
        'reading went on by time from the last row that was seen. ' +
        'Where that is this EHR behind a proxy, --ehr-alias names it.'
      );
    case 'suppressed':
    case 'incomplete':
    case 'security':
      return `${type}: the EHR says that its answers may not contain the entire record (${code}).`;
    default:
      return `${type}: the EHR adds a notice to its answers (${code}).`;
  }
}

const minutes = (ms: number): string => {
  const all = Math.max(1, Math.round(ms / 60_000));
  return all < 180 ? `${all} ${all === 1 ? 'minute' : 'minutes'}` : `${Math.round(all / 60)} hours`;
};

/** How searches of a type are asked where the EHR refuses the usual form. */
export type SearchForm = {
  time: 'ge-lt' | 'ge-le' | 'ge' | 'none';
  sort: boolean;
  count: boolean;
  category: boolean;
};

/** Tells people what a search leaves out or writes otherwise; undefined for the usual form. */
export function sayForm(form: SearchForm): string | undefined {
  const parts = [
    form.sort ? '' : 'without _sort',
    form.time === 'none' ? 'without _lastUpdated, whole each time' : '',
    form.time === 'ge-le' ? '_lastUpdated with ge and le' : '',
    form.time === 'ge' ? '_lastUpdated with ge only' : '',
    form.count ? '' : 'without _count',
    form.category ? '' : 'without category',
  ].filter(Boolean);
  return parts.length > 0 ? `asked ${parts.join(', ')}` : undefined;
}
