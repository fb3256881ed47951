import { ageOn } from './birth-span.ts';
import { isCurrent } from './current-period.ts';
import type {
  ContactPerson,
  PersonProfile,
  ProfileAddress,
  ProfileContact,
  ProfileLanguage,
  ProfileName,
  ProfilePeriod,
} from './profile-model.ts';

type Spanned = {
  use?: string | undefined;
  period?: ProfilePeriod | undefined;
  isUnclear?: true | undefined;
};

/** Something of a profile with a mark where it does not count today. */
export type Marked<T> = T & { isOld: boolean };

/** A profile as it stands on a day. */
export type ProfileOnDay = {
  name?: string | undefined;
  /** The name that the person goes by, where it differs from `name`. */
  preferredName?: string | undefined;
  birthDate?: string | undefined;
  /** Whole years; absent where the birth date leaves it open, and after death. */
  age?: number | undefined;
  deceased?: string | true | undefined;
  /** Current ones first, by rank; old ones follow. */
  contacts: readonly Marked<ProfileContact>[];
  /** Preferred ones first. */
  languages: readonly ProfileLanguage[];
  interpreter?: PersonProfile['interpreter'];
  addresses: readonly Marked<ProfileAddress>[];
  contactPersons: readonly Marked<ContactPerson>[];
  generalPractitioners: PersonProfile['generalPractitioners'];
};

/**
 * Tells what of a profile counts on a day: the names to use, the age, and which contacts,
 * addresses and contact persons are current.
 *
 * @param today the site's day, YYYY-MM-DD
 */
export function profileOn(profile: PersonProfile, today: string): ProfileOnDay {
  const { birthDate, deceased, interpreter, generalPractitioners } = profile;
  const age = deceased === undefined ? ageOn(birthDate, today) : undefined;
  const languages = profile.languages.toSorted(
    (a, b) => Number(b.preferred ?? false) - Number(a.preferred ?? false),
  );
  const contacts = marked(profile.contacts, today).toSorted(byCurrentAndRank);
  return {
    ...namesOn(profile.names, today),
    birthDate,
    age,
    deceased,
    contacts,
    languages,
    interpreter,
    addresses: marked(profile.addresses, today).toSorted(byCurrent),
    contactPersons: marked(profile.contactPersons, today).toSorted(byCurrent),
    generalPractitioners,
  };
}

const isOld = ({ use, period, isUnclear }: Spanned, today: string): boolean =>
  use === 'old' || isUnclear === true || !isCurrent(period, today);

const marked = <T extends Spanned>(items: readonly T[], today: string): Marked<T>[] =>
  items.map((item) => ({ ...item, isOld: isOld(item, today) }));

const byCurrent = (a: { isOld: boolean }, b: { isOld: boolean }) =>
  Number(a.isOld) - Number(b.isOld);

const byCurrentAndRank = (a: Marked<ProfileContact>, b: Marked<ProfileContact>) =>
  byCurrent(a, b) || (a.rank ?? Number.MAX_SAFE_INTEGER) - (b.rank ?? Number.MAX_SAFE_INTEGER);

/** The order in which names count as the person's name on file. Nicknames are no such name. */
const onFile: readonly unknown[] = ['official', undefined, 'usual', 'temp', 'anonymous'];

/** The order in which names count as what the person goes by. */
const goneBy: readonly unknown[] = ['usual', 'nickname'];

/**
 * Picks the name on file and the name that the person goes by. A former name is taken only where
 * the record has no other: a page without any name cannot be told from another person's.
 */
function namesOn(
  names: readonly ProfileName[],
  today: string,
): { name?: string; preferredName?: string } {
  const current = names.filter((name) => !isOld(name, today) && name.use !== 'maiden');
  const pick = (uses: readonly unknown[], among: readonly ProfileName[]) =>
    among
      .filter((name) => uses.includes(name.use))
      .toSorted((a, b) => uses.indexOf(a.use) - uses.indexOf(b.use))[0]?.text;
  const name = pick(onFile, current) ?? current[0]?.text ?? names[0]?.text;
  const preferredName = pick(goneBy, current);
  if (name === undefined) return {};
  return preferredName === undefined || preferredName === name ? { name } : { name, preferredName };
}
