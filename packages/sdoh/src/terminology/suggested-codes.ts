import { systems } from '@loopwell/fhir';
import type { Instrument, NeedCodes, SiteChoices } from '../model.ts';
import { icd10cmEdition, icd10cmToSuggest } from './icd10cm.ts';

type VersionedCode = { system: string; code: string; version: string };

/** Lists the codes that are suggested for a need, each with the version of its code system. */
export function listSuggestedCodes(
  need: NeedCodes | undefined,
  instrument: Instrument | undefined,
  authored: string,
  choices: SiteChoices | undefined,
): VersionedCode[] {
  const codes: VersionedCode[] = [];
  if (!need) return codes;
  const { snomed } = need;
  if (snomed) {
    const version = instrument?.codeSystems[systems.snomed] ?? '';
    codes.push({ system: systems.snomed, code: snomed, version });
  }
  const isLeftOut = choices?.withoutIcd10cm === true && snomed !== undefined;
  const leaf = isLeftOut ? undefined : icd10cmToSuggest(need, authored);
  if (leaf) codes.push({ system: systems.icd10cm, code: leaf, version: icd10cmEdition(authored) });
  return codes;
}
