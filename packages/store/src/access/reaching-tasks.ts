import type { Tx } from '../database/database.ts';
import type { ReferralRow } from '../referral/referrals.ts';

/** Types of resources that a Task lets its partner read. */
export type ReachableType =
  | 'ServiceRequest'
  | 'Patient'
  | 'Condition'
  | 'Consent'
  | 'Organization'
  | 'Device';

/** The resource that a partner asks for. */
export type SoughtResource = {
  type: ReachableType;
  id: string;
  /** It is the site's own Organization, or the Device of this installation. */
  isOurs: boolean;
  /** Tasks that have ended count, too. */
  withEnded: boolean;
};

/**
 * A referral, with the Task of it that reaches what was asked for, and the order that the Task is
 * about.
 */
export type ReachingTask = ReferralRow & {
  task_id: string;
  task_partner: string;
  task_address: string;
  order_body: string;
  read_at: Date;
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Reads one page of the Tasks that were sent to these addresses and reach a resource: live ones
 * first, then the latest. The order is reached by its id, other resources because the order refers
 * to them.
 */
export async function tasksReaching(
  tx: Tx,
  reader: { tenant: string; addresses: readonly string[] },
  sought: SoughtResource,
  page: { size: number; offset: number },
): Promise<ReachingTask[]> {
  const reaching = reachingTasks(sought);
  if (reaching === undefined) return [];
  const { rows } = await tx.query<ReachingTask>(
    `select r.*, t.id as task_id, t.partner as task_partner, d.address as task_address,
      m.body as order_body, loopwell_now() as read_at
       from ${reaching} t join task_delivery d
         on d.tenant = $tenant and d.task = t.id and d.number = t.delivery
       join referral r on r.tenant = d.tenant and r.id = t.referral
       join own_resource m on m.tenant = d.tenant and m.id = r.service_request
      where d.address = any($1) and r.tenant = $2 and (t.live or $4::boolean)
      order by t.live desc, t.requested_at desc, t.id limit $5::int offset $6::int`,
    [reader.addresses, reader.tenant, sought.id, sought.withEnded, page.size, page.offset],
  );
  return rows;
}

/**
 * Writes the Tasks that reach a resource as a part of the statement; undefined where no Task can
 * reach it. Where few Tasks reach a resource, they are found first and then put in order. Where
 * nearly all Tasks of a partner do, they are read in their order.
 */
function reachingTasks({ type, id, isOurs }: SoughtResource): string | undefined {
  switch (type) {
    case 'ServiceRequest':
      return uuid.test(id) ? tasksOfReferrals('x.service_request = $3::uuid') : undefined;
    case 'Patient':
      return uuid.test(id) ? tasksOfReferrals('x.person = $3::uuid') : undefined;
    case 'Condition':
      return tasksOfReferrals(`x.service_request = any(array(
        select n.id from own_resource n where n.tenant = $tenant and n.type = 'ServiceRequest'
          and loopwell.named_in(n.body) @> array['Condition/' || $3::text]))`);
    // One Device stands for the installation; it is about no person.
    case 'Device':
      return isOurs ? tasksOfAddresses('$3::text is not null') : undefined;
    // The Task tells which Consent it is. A copy that was made for a person belongs to that
    // person.
    case 'Consent':
      return uuid.test(id)
        ? tasksOfReferrals(
            'x.person = (select c.person from own_resource c where c.tenant = $tenant ' +
              "and c.id = $3::uuid and c.type = 'Consent')",
          )
        : undefined;
    case 'Organization':
      return isOurs
        ? tasksOfAddresses(`exists (select 1 from referral x join own_resource n
          on n.tenant = $tenant and n.id = x.service_request
            where x.tenant = $tenant and x.id = k.referral
            and position('/Organization/' || $3::text || '"' in n.body) >
              0)`)
        : tasksOfAddresses('k.partner = $3::text');
  }
}

/** Selects the latest Tasks of each address, as many as the page needs. */
const tasksOfAddresses = (condition: string) =>
  `(select y.* from unnest($1::text[]) a(address) cross join lateral (
      select k.* from task_delivery e join task k on k.tenant = e.tenant and k.id = e.task
       where e.tenant = $2 and e.address = a.address and e.number = k.delivery
        and (k.live or $4::boolean) and ${condition}
       order by k.live desc, k.requested_at desc, k.id limit $5::int + $6::int) y)`;

/**
 * Selects the Tasks of the referrals that meet a condition. `array` and `offset 0` keep the planner
 * from starting anywhere else.
 */
const tasksOfReferrals = (condition: string) =>
  `(select * from task y where y.tenant = $tenant and y.referral = any(array(select x.id
    from referral x
    where x.tenant = $tenant and ${condition})) offset 0)`;
