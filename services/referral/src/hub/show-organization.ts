import { type fhir4, withoutUndefined } from '@loopwell/fhir';
import { ourIdentifier } from '@loopwell/sdoh';
import { directory, type Granted, installation, type Tx } from '@loopwell/store';
import { ownOrganizationId } from '../refer/plan-send.ts';
import type { ReferralSettings } from '../settings.ts';

/**
 * Shows our own Organization, or the partner's own as the directory describes it, without
 * references to elsewhere.
 */
export async function showOrganization(
  tx: Tx,
  { granted, settings }: { granted: Granted; settings: ReferralSettings },
): Promise<{ resource: fhir4.Organization } | undefined> {
  const { id, partner } = granted;
  if (id === ownOrganizationId(settings.tenant))
    return { resource: ownOrganization(id, settings, await installation.identifierSystem(tx)) };
  if (id !== partner) return undefined;
  const body = await directory.partnerBody(tx, settings.tenant, id);
  // A partner that left the directory may still be at work. Its Task names it, so it may read who
  // it is.
  const listed = body
    ? (JSON.parse(body) as { organization: fhir4.Organization }).organization
    : undefined;
  const { identifier, type, name = id, telecom, address } = listed ?? {};
  const identifiers = identifier?.map(({ assigner: _elsewhere, ...rest }) => rest);
  return {
    resource: {
      resourceType: 'Organization',
      id,
      active: true,
      name,
      ...withoutUndefined({ identifier: identifiers, type, telecom, address }),
    },
  };
}

/**
 * Makes our own Organization: the one that refers, with the phone that a partner calls instead of
 * the person.
 */
const ownOrganization = (
  id: string,
  { siteName, sitePhone }: ReferralSettings,
  system: string,
): fhir4.Organization => ({
  resourceType: 'Organization',
  id,
  identifier: [ourIdentifier(id, system)],
  active: true,
  name: siteName,
  ...withoutUndefined({
    telecom: sitePhone ? [{ system: 'phone', value: sitePhone, use: 'work' }] : undefined,
  }),
});
