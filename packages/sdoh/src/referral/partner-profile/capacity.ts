import {
  type fhir4,
  localExtensions,
  mapDefined,
  profiles,
  withoutUndefined,
} from '@loopwell/fhir';

/** What a service said about its room. */
export type Capacity = {
  /** One of the guide's codes; a code that we do not know is no room. */
  code: string;
  saidBy?: string;
  /** A day or a moment. */
  saidAt?: string;
  note?: string;
};

/** After how many days nobody knows any more whether a word about capacity still holds. */
const capacityAgesDays = 30;
const dayMs = 86_400_000;

/**
 * Tells whether a word about capacity is too old to be relied on. A word without a date is: nobody
 * knows how old it is. It goes on to count, and pages say that it is old.
 */
export function isAged({ saidAt }: Pick<Capacity, 'saidAt'>, now: Date): boolean {
  const at = saidAt === undefined ? Number.NaN : Date.parse(saidAt);
  return !(now.getTime() - at <= capacityAgesDays * dayMs);
}

/**
 * Tells whether a service has room. A waiting list and a further assessment are no room, and
 * neither is a code that we do not know. A service that said nothing has room.
 */
export const hasRoom = (capacity: Capacity | undefined): boolean =>
  capacity === undefined || capacity.code === 'capacity';

/**
 * Reads the capacity of a service from the guide's extension, and who said it from ours. Of several
 * codes one that is no room counts.
 */
export function readCapacity({ extension = [] }: fhir4.HealthcareService): Capacity | undefined {
  const written = extension.filter(({ url }) => url === profiles.capacityStatus);
  const source = extension.find(({ url }) => url === localExtensions.capacitySaid);
  const codes = written.flatMap((one) => [one, ...partsOf(one, 'capacityStatus')]).flatMap(codesOf);
  const code = codes.find((one) => !hasRoom({ code: one })) ?? codes[0];
  if (code === undefined) return undefined;
  return {
    code,
    ...withoutUndefined({
      saidBy: partOf(source, 'by')?.valueString,
      saidAt: partOf(source, 'at')?.valueDateTime,
      note: written.flatMap((one) => partsOf(one, 'capacityNotes'))[0]?.valueString,
    }),
  };
}

/** Lists the parts of an extension with a name. */
const partsOf = (extension: fhir4.Extension | undefined, name: string): fhir4.Extension[] =>
  (extension?.extension ?? []).filter(({ url }) => url === name);

const partOf = (extension: fhir4.Extension | undefined, name: string) =>
  partsOf(extension, name)[0];

/** Lists the codes of a value; its words where it has none. */
function codesOf({ valueCodeableConcept: concept, valueCoding }: fhir4.Extension): string[] {
  const codings = [...(concept?.coding ?? []), ...(valueCoding ? [valueCoding] : [])];
  const codes = mapDefined(codings, ({ code }) => code);
  return codes.length > 0 ? codes : mapDefined([concept?.text], (text) => text);
}
