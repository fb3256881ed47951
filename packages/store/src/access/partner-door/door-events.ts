import type { Tx } from '../../database/database.ts';
import type { Rows } from '../../database/rows.generated.ts';

/** What may happen at the door of a partner. */
export type DoorEventKind = Rows['partner_door_event']['kind'];

/** Something that happened at the door of a partner. */
export type NewDoorEvent = {
  partner: string;
  kind: DoorEventKind;
  /** The helper whom it is about. */
  helper?: string | undefined;
  /** `helper:<id>`, one of the staff, or the system. */
  by: string;
  /** The number that staff called before they gave a code, and with whom they spoke. */
  called?: string | undefined;
  spokeWith?: string | undefined;
  /** The key of the form that asked for it. */
  form?: string | undefined;
};

/** An event as it is listed, with the name of its helper. */
export type DoorEvent = {
  id: number;
  at: Date;
  kind: DoorEventKind;
  helperName: string | null;
  by: string;
  /** The name of the helper who did it; null for staff and the system. */
  byName: string | null;
  called: string | null;
  spokeWith: string | null;
};

/**
 * Records what happened at a door.
 *
 * @returns false for a form that has done so before
 */
export async function recordDoorEvent(tx: Tx, event: NewDoorEvent): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into partner_door_event (tenant, partner, kind, helper, by, called, spoke_with, form)
     values ($tenant, $1, $2, $3, $4, $5, $6, $7)
     on conflict (tenant, form) where form is not null do nothing`,
    [
      ...[event.partner, event.kind, event.helper ?? null, event.by],
      ...[event.called ?? null, event.spokeWith ?? null, event.form ?? null],
    ],
  );
  return (rowCount ?? 0) > 0;
}

/** Lists what happened at the door of a partner, the latest first. */
export async function listDoorEvents(
  tx: Tx,
  { partner, limit }: { partner: string; limit: number },
): Promise<DoorEvent[]> {
  const { rows } = await tx.query<DoorEvent>(
    `select e.id, e.at, e.kind, h.name as "helperName", e.by, b.name as "byName", e.called,
        e.spoke_with as "spokeWith"
       from partner_door_event e
       left join partner_helper h on h.tenant = e.tenant and h.id = e.helper
       left join partner_helper b on b.tenant = e.tenant and 'helper:' || b.id = e.by
      where e.tenant = $tenant and e.partner = $1 order by e.id desc limit $2`,
    [partner, limit],
  );
  return rows;
}

/** The wrong codes for one partner within the hour that a person is told of. */
const many = 20;

/**
 * Records a wrong code for a partner, and once an hour that there were many.
 *
 * @returns whether there are many since this one
 */
export async function recordWrongCode(
  tx: Tx,
  { partner, by }: { partner: string; by: string },
): Promise<boolean> {
  await recordDoorEvent(tx, { partner, kind: 'wrong-code', by });
  const { rows } = await tx.query<{ wrong: number; isTold: boolean }>(
    `select count(*) filter (where kind = 'wrong-code') as wrong,
        coalesce(bool_or(kind = 'many-wrong-codes'), false) as "isTold"
       from partner_door_event where tenant = $tenant and partner = $1
        and kind in ('wrong-code', 'many-wrong-codes')
        and at > loopwell_now() - interval '1 hour'`,
    [partner],
  );
  const [hour] = rows;
  if (!hour || hour.isTold || hour.wrong < many) return false;
  return recordDoorEvent(tx, { partner, kind: 'many-wrong-codes', by: 'system:door' });
}

/** Notes that a form was sent without a code, as scanners do; once a minute for each partner. */
export async function noteEmptyForm(
  tx: Tx,
  { partner, by }: { partner: string; by: string },
): Promise<void> {
  await tx.query(
    `insert into partner_door_event (tenant, partner, kind, by)
     select $tenant, $1::text, 'no-code', $2::text
      where not exists (select 1 from partner_door_event where tenant = $tenant
        and partner = $1::text and kind = 'no-code' and at > loopwell_now() - interval '1 minute')`,
    [partner, by],
  );
}

/** Finds the partners at whose doors many wrong codes were typed within the last day. */
export async function partnersTried(tx: Tx): Promise<Set<string>> {
  const { rows } = await tx.query<{ partner: string }>(
    `select distinct partner from partner_door_event where tenant = $tenant
      and kind = 'many-wrong-codes' and at > loopwell_now() - interval '1 day'`,
  );
  return new Set(rows.map(({ partner }) => partner));
}
