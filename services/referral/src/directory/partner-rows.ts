import type { DirectoryPartner, ReachedPartner } from '@loopwell/sdoh';
import type { NewPartner } from '@loopwell/store';

/** A partner of a directory. Without a kind it is reached by FHIR REST. */
type Listed = DirectoryPartner & Partial<Pick<ReachedPartner, 'kind' | 'settings'>>;

/** Makes the rows of a directory, in its order. Secret settings are not sealed yet. */
export const partnerRowsOf = (partners: readonly Listed[], tenant: string): NewPartner[] =>
  partners.map(({ settings = {}, kind = 'fhir-rest', ...partner }, position) => {
    const { address: _itsOwnColumn, ...kept } = settings;
    return {
      id: partner.id,
      tenant,
      position,
      name: partner.name,
      address: partner.address,
      body: JSON.stringify(partner),
      kind,
      settings: JSON.stringify(kept),
    };
  });
