import type { fhir4 } from '@loopwell/fhir';
import { startOf } from '../fhir-json/dates.ts';
import { isObject } from '../fhir-json/tolerant-readers.ts';
import { birthSpan, turns } from './birth-span.ts';

/**
 * How a Patient stands toward anything that may go out. `unclear`: the record says something about
 * death, merging or being in use that cannot be read, or there is no Patient; then nothing goes,
 * and a person looks.
 * DECISIONS D57.
 */
export type PatientStanding = 'stands' | 'died' | 'merged' | 'inactive' | 'unclear';

/**
 * Judges whether anything may go out for a Patient. A clear reason against it comes before an
 * unclear one.
 */
export function patientStanding(patient: fhir4.Patient | undefined): PatientStanding {
  if (patient === undefined) return 'unclear';
  const readings = [deathOf(patient), mergeOf(patient), useOf(patient), meaningOf(patient)];
  return (
    readings.find((one) => one !== 'stands' && one !== 'unclear') ??
    readings.find((one) => one === 'unclear') ??
    'stands'
  );
}

/**
 * Reads whether the person has died. `deceased[x]` has two forms in R4: a boolean or a dateTime. A
 * masked value says nothing, which is not a no.
 */
function deathOf(patient: fhir4.Patient): PatientStanding {
  const members = Object.keys(patient).filter((key) => /^_?deceased/.test(key));
  const { deceasedBoolean, deceasedDateTime } = patient as {
    deceasedBoolean?: unknown;
    deceasedDateTime?: unknown;
  };
  if (deceasedBoolean === true || startOf(deceasedDateTime) !== undefined)
    return deceasedBoolean === false ? 'unclear' : 'died';
  const isKnown = members.every((key) => key === 'deceasedBoolean');
  return isKnown && (deceasedBoolean === undefined || deceasedBoolean === false)
    ? 'stands'
    : 'unclear';
}

const linkTypes: readonly unknown[] = ['replaces', 'refer', 'seealso'];

/** Reads whether another record has replaced this one: `Patient.link` of type `replaced-by`. */
function mergeOf(patient: fhir4.Patient): PatientStanding {
  const links: unknown = patient.link === undefined ? [] : patient.link;
  if (!Array.isArray(links)) return 'unclear';
  const types = links.map((one: unknown) => (isObject(one) ? one.type : undefined));
  if (types.includes('replaced-by')) return 'merged';
  return types.every((type) => linkTypes.includes(type)) ? 'stands' : 'unclear';
}

function useOf(patient: fhir4.Patient): PatientStanding {
  const active: unknown = patient.active;
  if (active === false) return 'inactive';
  return (active === undefined || active === true) && !('_active' in patient)
    ? 'stands'
    : 'unclear';
}

/**
 * Checks that no modifier or implicit rule is set, since either may turn the meaning of everything
 * else.
 */
function meaningOf(patient: fhir4.Patient): PatientStanding {
  const { modifierExtension, implicitRules } = patient as {
    modifierExtension?: unknown;
    implicitRules?: unknown;
  };
  const isPlain =
    modifierExtension === undefined ||
    (Array.isArray(modifierExtension) && modifierExtension.length === 0);
  return isPlain && implicitRules === undefined ? 'stands' : 'unclear';
}

/**
 * Whether a person is an adult. `unknown`: no birth date, one that cannot be read, or one so coarse
 * that it may be either.
 */
export type AgeStanding = 'adult' | 'minor' | 'unknown';

/**
 * Tells whether a person has reached an age on a day.
 *
 * @param today the site's day, YYYY-MM-DD
 */
export function ageStanding(
  patient: fhir4.Patient | undefined,
  today: string,
  minorAge: number,
): AgeStanding {
  const span = birthSpan(patient?.birthDate, today);
  if (!span) return 'unknown';
  if (turns(span.latest, minorAge) <= today) return 'adult';
  return turns(span.earliest, minorAge) > today ? 'minor' : 'unknown';
}

/**
 * Age groups as partners see them. They are coarse, since a partner needs to know whom it will
 * meet, and no more.
 */
const ageGroups = [
  { from: 65, group: '65 or older' },
  { from: 18, group: '18 to 64' },
  { from: 0, group: 'under 18' },
] as const;

/** Returns the age group of a person on a day; undefined where the birth date leaves it open. */
export function ageGroupOf(patient: fhir4.Patient, today: string): string | undefined {
  const span = birthSpan(patient.birthDate, today);
  if (!span) return undefined;
  const groupOf = (birth: string) =>
    ageGroups.find(({ from }) => turns(birth, from) <= today)?.group;
  const [oldest, youngest] = [groupOf(span.earliest), groupOf(span.latest)];
  return oldest === youngest ? oldest : undefined;
}
