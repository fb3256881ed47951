import type { fhir4 } from '@loopwell/fhir';
import type { Principal } from '@loopwell/http';
import { type DirectoryPartner, recordedConsentIn } from '@loopwell/sdoh';
import {
  directory,
  partnerCalls,
  partnerProfiles,
  type TaskDelivery,
  type Tx,
  taskDeliveries,
  tickets,
} from '@loopwell/store';
import { showPeople } from '../shown-people.ts';

/** A request that is open at a partner. It has nothing by which the person is known. */
export type OpenRequest = partnerCalls.OpenTask & {
  /** What a partner may hear of the household before it says yes; undefined for nothing. */
  householdSize: number | undefined;
  /** The ways that it went out by, in their order. */
  ways: readonly TaskDelivery[];
  /** The code that the person brings, where the partner works so; undefined elsewhere. */
  ticket: string | undefined;
};

/** What a list of open requests shows; `hidden` more are of restricted charts. */
export type OpenRequests = { requests: readonly OpenRequest[]; hidden: number };

/** The most requests that a page shows. */
const most = 500;

/** Reads the open requests that a viewer may see, and records that they are shown. */
export async function readOpenRequests(
  tx: Tx,
  showing: { principal: Principal; page: string },
  ask: partnerCalls.OpenTasksAsk,
): Promise<OpenRequests> {
  const rows = await partnerCalls.openAtPartners(tx, ask, most);
  const people = new Set(rows.map(({ person }) => person));
  const visible = await showPeople(tx, showing, people);
  const shown = rows.filter(({ person }) => visible.has(person));
  const ids = shown.map(({ id }) => id);
  const ways = await taskDeliveries.deliveriesOfTasks(tx, ids);
  const brought = await broughtTickets(tx, shown);
  const requests = shown.map((row) => ({
    ...row,
    householdSize: recordedConsentIn(row.consent_recorded)?.householdSize,
    ways: ways.get(row.id) ?? [],
    ticket: brought.get(row.id),
  }));
  return {
    requests,
    hidden: rows.length - shown.length,
  };
}

/** Reads the codes that people bring to partners which work by them, by Task. */
export async function broughtTickets(
  tx: Tx,
  tasks: readonly { id: string; partner: string }[],
): Promise<ReadonlyMap<string, string>> {
  if (tasks.length === 0) return new Map();
  const profiles = await partnerProfiles.loadProfiles(tx);
  const brought = tasks.filter(({ partner }) => {
    return profiles.get(partner)?.profile().arrival === 'ticket';
  });
  return tickets.ticketsOf(
    tx,
    brought.map(({ id }) => id),
  );
}

/** A partner as somebody calls it. */
export type CalledPartner = { id: string; name: string; numbers: readonly string[] };

/** Reads the name and the numbers of a partner, as the directory has them. */
export async function readCalledPartner(tx: Tx, id: string): Promise<CalledPartner | undefined> {
  const body = await directory.partnerBody(tx, tx.tenant, id);
  if (body === undefined) return undefined;
  const { name, organization } = JSON.parse(body) as DirectoryPartner;
  return {
    id,
    name,
    numbers: numbersOf(organization),
  };
}

function numbersOf({ telecom = [] }: fhir4.Organization): string[] {
  const phones = telecom.filter(({ system }) => system === 'phone');
  return phones.flatMap(({ value }) => value ?? []);
}
