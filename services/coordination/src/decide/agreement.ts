import type { fhir4 } from '@loopwell/fhir';
import { type AgreementDoubt, agreementDoubts, identityOf } from '@loopwell/sdoh';
import {
  ehrResources,
  installation,
  quarantinedPapers,
  type ReferralRow,
  type Tx,
} from '@loopwell/store';
import type { ReviewDeps } from '../reviewer.ts';

/**
 * Lists Goals and orders in the chart that could count as agreement to this help and do not, with
 * the reasons. It takes three queries.
 */
export async function readAgreementDoubts(
  tx: Tx,
  { clock }: Pick<ReviewDeps, 'clock'>,
  row: ReferralRow,
): Promise<AgreementDoubt[]> {
  const types = ['Goal', 'ServiceRequest'];
  const resources = await ehrResources.ehrResourcesOfPeople(tx, [row.person], types);
  const refused = await quarantinedPapers(tx, [row.connection], [row.person]);
  const identity = identityOf(await installation.identifierSystem(tx));
  const unread = refused
    .filter((one) => one.type === 'Goal' || one.type === 'ServiceRequest')
    .map(({ type, source_id: id, facts }) => ({ type, id, path: pathIn(facts) }));
  const current = resources.filter(
    (one) => !unread.some(({ type, id }) => type === one.type && id === one.source_id),
  );
  const parse = <T>(type: string) =>
    current.filter((one) => one.type === type).map((one) => JSON.parse(one.body) as T);
  const papers = {
    goals: parse<fhir4.Goal>('Goal'),
    serviceRequests: parse<fhir4.ServiceRequest>('ServiceRequest'),
    unread,
  };
  return agreementDoubts(row.category, papers, clock.now(), identity);
}

const pathIn = (facts: string | null): string | null =>
  facts === null ? null : ((JSON.parse(facts) as { path?: string }).path ?? null);
