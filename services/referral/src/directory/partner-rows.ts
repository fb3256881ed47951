import type { DirectoryPartner, ReachedPartner } from '@loopwell/sdoh';
import type { NewPartner } from '@loopwell/store';

/** A partner of a directory. Without a kind it is reached by FHIR REST, and by no other way. */
type Listed = DirectoryPartner & Partial<Pick<ReachedPartner, 'kind' | 'settings' | 'ways'>>;

type Way = ReachedPartner['ways'][number];

/**
 * Makes the rows of a directory, in its order. Kind, address and settings are those of the first
 * way. The body holds all ways. Secret settings are not sealed yet.
 */
export function partnerRowsOf(partners: readonly Listed[], tenant: string): NewPartner[] {
  return partners.map((listed, position) => {
    const { settings = {}, kind = 'fhir-rest', ways, ...partner } = listed;
    const { id, name, address } = partner;
    const first = { kind, address, settings };
    const all = (ways ?? [first]).map(withoutAddress);
    const kept = withoutAddress(first).settings;
    return {
      id,
      tenant,
      position,
      name,
      address,
      body: JSON.stringify({ ...partner, ways: all }),
      kind,
      settings: JSON.stringify(kept),
    };
  });
}

/** Leaves the address out of the settings, because it stands beside them. */
function withoutAddress(way: Way): Way {
  const { address: _besideThem, ...settings } = way.settings;
  return {
    kind: way.kind,
    address: way.address,
    settings,
  };
}
