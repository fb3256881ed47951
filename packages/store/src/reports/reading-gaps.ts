import {
  type Gap,
  isOpen,
  type Noticed,
  type ReadingGap,
  type SearchForm,
  sayForm,
  sayGap,
  sayNoticed,
} from '@loopwell/sdoh';
import { realNow } from '../database/clock-sql.ts';
import type { Tx } from '../database/database.ts';

/** A gap as results and APIs show it: codes, numbers and a sentence. */
export type Unread = {
  connection: string;
  /** FHIR base of the EHR. */
  ehr: string;
  type: string;
  kind: ReadingGap['kind'];
  status: number | null;
  issueCode: string | null;
  /** The number that the EHR says that there is, and the number that it gave. */
  total: number | null;
  given: number | null;
  /** Cursors that it concerns, and all of the type. */
  cursors: number;
  of: number;
  since: string | null;
  closedBy: string | null;
  /** Whether it keeps a run from ending as if all was well. */
  open: boolean;
  says: string;
};

/** Turns a gap into the form that results and APIs show. */
export const unreadOf = (gap: ReadingGap): Unread => ({
  connection: gap.connection,
  ehr: gap.ehr,
  type: gap.type,
  kind: gap.kind,
  status: gap.status ?? null,
  issueCode: gap.issueCode ?? null,
  total: gap.total ?? null,
  given: gap.given ?? null,
  cursors: gap.cursors,
  of: gap.of,
  since: gap.since?.toISOString() ?? null,
  closedBy: gap.closedBy ?? null,
  open: isOpen(gap),
  says: sayGap(gap),
});

/** Lists what is not read, by EHR and type, and the EHRs of which nothing was ever read. */
export async function readGaps(tx: Tx, tenant: string): Promise<ReadingGap[]> {
  const { rows } = await tx.query<{
    connection: string;
    base: string;
    type: string;
    gap: string;
    closed_by: string | null;
    since: Date;
    n: number;
    of: number;
    by_patient: boolean;
  }>(
    `with gaps as (
       select connection, type, scope <> '' as by_patient, gap::jsonb - 'to' - case when scope <> ''
         then array['total', 'given'] else array[]::text[] end as gap,
              max(gap) as example, closed_by, min(since) as since, count(*) as n
         from unread_cursor where tenant = $1 group by 1, 2, 3, 4, closed_by)
     select g.connection, c.base, g.type, g.by_patient, g.example as gap, g.closed_by, g.since, g.n,
            (select count(*) from pull_cursor l where l.tenant = $tenant
            and l.connection = g.connection
              and l.type = g.type and (l.scope <> '') = g.by_patient) as of
       from gaps g join connection c on c.tenant = $tenant and c.id = g.connection
         order by 1, 3, g.n desc`,
    [tenant],
  );
  const gaps = rows.map(
    (row): ReadingGap => ({
      ...(JSON.parse(row.gap) as Gap),
      connection: row.connection,
      ehr: row.base,
      type: row.type,
      cursors: Number(row.n),
      of: Number(row.of),
      byPatient: row.by_patient,
      since: row.since,
      closedBy: row.closed_by ?? undefined,
    }),
  );
  return [...gaps, ...(await readUnshown(tx, tenant)), ...(await readNothing(tx, tenant))].map(
    withoutNulls,
  );
}

/** Lists the Consents that an EHR cannot show and that belong to no known person. */
async function readUnshown(tx: Tx, tenant: string): Promise<ReadingGap[]> {
  const { rows } = await tx.query<{
    connection: string;
    base: string;
    n: number;
    since: Date;
    closed_by: string | null;
  }>(
    `select q.connection, c.base, count(*) as n, min(q.since) as since, q.closed_by
      from quarantine q join connection c on c.tenant = $tenant and c.id = q.connection
      where q.tenant = $1 and ${unshownConsent} group by 1, 2, q.closed_by order by 1`,
    [tenant],
  );
  return rows.map(({ connection, base, n, since, closed_by }) => ({
    ...{
      kind: 'cannot-show',
      connection,
      ehr: base,
      type: 'Consent',
      cursors: Number(n),
      of: Number(n),
      byPatient: false,
      since,
    },
    closedBy: closed_by ?? undefined,
  }));
}

const unshownConsent = `q.type = 'Consent' and q.code = 'ehr-cannot-show' and q.person is null`;

/** Removes the nulls that JSON from PostgreSQL has in place of missing facts. */
const withoutNulls = (gap: ReadingGap): ReadingGap =>
  Object.fromEntries(Object.entries(gap).filter(([, value]) => value !== null)) as ReadingGap;

/**
 * Lists the connections that were asked and of which nothing was ever read, without those that lock
 * us out now.
 */
async function readNothing(tx: Tx, tenant: string): Promise<ReadingGap[]> {
  const { rows } = await tx.query<{
    connection: string;
    base: string;
    status: number | null;
    named: number;
    since: Date | null;
    refused: boolean;
    cursors: number;
  }>(
    `select c.id as connection, c.base, c.metadata_status as status, count(distinct nullif(l.scope,
      '')) as named, min(l.since) as since,
            bool_and(l.upto is null) as refused, count(*) as cursors
       from connection c join pull_cursor l on l.tenant = $tenant and l.connection = c.id
      where c.tenant = $1
        and not exists (select 1 from ehr_resource p where p.tenant = $tenant
        and p.connection = c.id)
          and not exists (select 1 from quarantine q where q.tenant = $tenant
          and q.connection = c.id)
        and not exists (select 1 from connection_note n where n.tenant = $tenant
        and n.connection = c.id
          and n.kind = 'locked-out' and n.until > ${realNow})
      group by c.tenant, c.id having bool_or(l.upto is not null or l.gap is not null)
      order by c.id`,
    [tenant],
  );
  return rows.map((row) => ({
    kind: 'nothing',
    connection: row.connection,
    ehr: row.base,
    type: '*',
    cursors: Number(row.cursors),
    of: Number(row.cursors),
    byPatient: false,
    nothing: {
      patientsNamed: Number(row.named),
      metadataStatus: row.status ?? undefined,
      since: row.since?.toISOString(),
      isRefused: row.refused,
    },
  }));
}

/** A sentence on how a type of a connection is read. What was noticed there loses nothing. */
export type Notice = { connection: string; type: string; says: string };

/** Lists what EHRs said beside their answers, and how they have to be asked. */
export async function readNotices(tx: Tx, tenant: string): Promise<Notice[]> {
  const noticed = await tx.query<{ connection: string; type: string; noticed: string }>(
    'select distinct connection, type, noticed from pull_cursor where tenant = $1 and noticed ' +
      'is not null order by 1, 2, 3',
    [tenant],
  );
  const asked = await tx.query<{ connection: string; type: string; form: string }>(
    'select distinct connection, type, form from search_form where tenant = $1 order by 1, 2, 3',
    [tenant],
  );
  const all = [
    ...noticed.rows.flatMap(({ connection, type, noticed: codes }) =>
      (JSON.parse(codes) as Noticed[]).map((notice) => ({
        connection,
        type,
        says: sayNoticed(type, notice),
      })),
    ),
    ...asked.rows.flatMap(({ connection, type, form }) => {
      const says = sayForm(JSON.parse(form) as SearchForm);
      return says === undefined
        ? []
        : [{ connection, type, says: `${type}: ${says}, since the EHR refuses it otherwise.` }];
    }),
  ];
  return [...new Map(all.map((one) => [`${one.connection} ${one.says}`, one])).values()];
}

/** Joins notices that say the same of several types into one sentence. */
export function sentencesOf(notices: readonly Notice[]): string[] {
  const rest = ({ type, says }: Notice) => says.slice(type.length);
  return [...Map.groupBy(notices, rest)].map(
    ([said, some]) => `${[...new Set(some.map((one) => one.type))].join(', ')}${said}`,
  );
}
