import { newId } from '@loopwell/kit';
import { dailyBudget, type Message, receiverOf, type SendMessage } from '@loopwell/messages';
import { alertsByPlace, alertText, type DutyPerson, nextPlaces } from '@loopwell/sdoh';
import {
  type ClaimedAlert,
  type Database,
  type DutyMessage,
  dutyAlerts,
  dutyMessages,
  placeOfDutyWebhook,
  type Secrets,
  type Tx,
} from '@loopwell/store';
import { readOnDutyList, type StoredList } from './on-duty-list.ts';

/** How often people on duty are told, in milliseconds. Tests are in a hurry. */
export type AlertTiming = {
  /** Between two rounds that tell somebody. */
  everyMs: number;
  /** Until the next try, where nobody could be told. */
  retryMs: number;
  /** How long one message may take. */
  deadlineMs: number;
  /** How long a worker holds alerts; one that died is followed by another after that. */
  leaseMs: number;
  /** How often it is looked whether something is due. */
  lookMs: number;
  /** How often it is looked whether somebody is without help for too long. */
  lateMs: number;
};

/** The timing of a site: the first message leaves within seconds, the next after five minutes. */
export const alertTiming: AlertTiming = {
  everyMs: 300_000,
  retryMs: 30_000,
  deadlineMs: 20_000,
  leaseMs: 50_000,
  lookMs: 2_000,
  lateMs: 30_000,
};

/** What telling people on duty needs. */
export type TellDeps = {
  db: Database;
  send: SendMessage;
  secrets: Secrets | undefined;
  /** A mail server is set up. */
  hasMail: boolean;
  timing: AlertTiming;
};

/** A message that may leave: its receipt and what is sent. */
type Planned = {
  receipt: DutyMessage;
  message: Message;
  /** It was about to be sent before, and nobody knows whether it was. */
  isAgain: boolean;
};

/** Why a message was not sent whose receiver has got enough of them in 24 hours. */
const budgetSpent = 'budget-spent';

/**
 * Works one round: claims the alerts that are due, and tells the people of the round, each with one
 * message for all of their alerts. Where no way of those people works, the next name is told at
 * once. DECISIONS D151.
 *
 * @returns how many alerts were worked
 */
export async function tellOnDuty(deps: TellDeps): Promise<number> {
  const { db, timing } = deps;
  const alerts = await db.tx((tx) => dutyAlerts.claimAlerts(tx, timing.leaseMs));
  if (alerts.length === 0) return 0;
  const list = await readOnDutyList(db);
  const reached = await tellInTurn(deps, alerts, list);
  const problem = list.people.length === 0 ? 'nobody-on-duty' : 'nobody-reached';
  const rounds = alerts.map(({ id, fence }) => {
    const hasReached = reached.has(id);
    return { id, fence, hasReached, problem: hasReached ? null : problem };
  });
  await dutyAlerts.finishRound(db, rounds, timing);
  return alerts.length;
}

/** Tells the people of the round, and the next names until each alert has reached somebody. */
async function tellInTurn(
  deps: TellDeps,
  alerts: readonly ClaimedAlert[],
  list: StoredList,
): Promise<Set<string>> {
  const reached = new Set<string>();
  const lastTried = new Map<string, number>();
  let open = alerts;
  let places = alertsByPlace(alerts, list.people.length);
  while (places.size > 0) {
    open = await dutyAlerts.holdAlerts(deps.db, open, deps.timing.leaseMs);
    const kinds = new Map(alerts.map(({ id, kind }) => [id, kind]));
    for (const id of await tellPlaces(deps, { places, list, open, kinds })) reached.add(id);
    for (const [place, ids] of places)
      for (const id of ids) lastTried.set(id, Math.max(place, lastTried.get(id) ?? 0));
    const unreached = open.map(({ id }) => id).filter((id) => !reached.has(id));
    places = nextPlaces(unreached, lastTried, list.people.length);
  }
  return reached;
}

type Step = {
  places: ReadonlyMap<number, readonly string[]>;
  list: StoredList;
  open: readonly ClaimedAlert[];
  kinds: ReadonlyMap<string, ClaimedAlert['kind']>;
};

/**
 * Tells some people at the same time, each by all of their ways. The receipts are written first.
 *
 * @returns the alerts that have reached somebody
 */
async function tellPlaces(deps: TellDeps, step: Step): Promise<string[]> {
  const planned = await deps.db.tx(async (tx) => {
    const open = step.open.map(({ id }) => id);
    const wanted = plan(deps, step, await dutyMessages.unsettledMessages(tx, open));
    const counts = await dutyMessages.sentInADay(
      tx,
      wanted.map(({ receipt }) => receipt.receiver),
    );
    const isWithin = ({ receipt }: Planned) => (counts.get(receipt.receiver) ?? 0) < dailyBudget;
    const within = wanted.filter(isWithin);
    await dutyMessages.intendMessages(
      tx,
      within.map(({ receipt }) => receipt),
    );
    await noteSpentBudgets(
      tx,
      wanted.filter((message) => !isWithin(message) && !message.isAgain),
    );
    return within;
  });
  const sendOne = async ({ receipt, message }: Planned) => {
    const sent = await deps.send(message);
    const code = sent.state === 'failed' ? sent.code : null;
    await dutyMessages.settleMessages(deps.db, [{ id: receipt.id, state: sent.state, code }]);
    return sent.state === 'accepted' ? receipt.alerts : [];
  };
  const reached = await Promise.all(planned.map(sendOne));
  return reached.flat();
}

/** Writes that messages were not sent because their receivers have got enough of them today. */
async function noteSpentBudgets(tx: Tx, left: readonly Planned[]): Promise<void> {
  const receipts = left.map(({ receipt }) => receipt);
  await dutyMessages.intendMessages(tx, receipts);
  const outcomes = receipts.map(({ id }) => ({ id, state: 'failed' as const, code: budgetSpent }));
  await dutyMessages.settleMessages(tx, outcomes);
}

/** Plans the messages to the people at some places of the list. */
function plan(deps: TellDeps, step: Step, unsettled: readonly DutyMessage[]): Planned[] {
  const open = new Set(step.open.map(({ id }) => id));
  const planned: Planned[] = [];
  for (const [place, ids] of step.places) {
    const person = step.list.people[place];
    const alerts = ids.filter((id) => open.has(id));
    if (person === undefined || alerts.length === 0) continue;
    const phone = step.list.phone ?? '';
    const kinds = alerts.map((id) => step.kinds.get(id) ?? 'see-first');
    const text = alertText(kinds, phone);
    for (const way of waysOf(deps, person)) {
      const receiver = receiverOf(way.address);
      const earlier = unsettled.find(
        (message) => message.way === way.way && message.receiver === receiver,
      );
      const id = earlier?.id ?? newId();
      planned.push({
        receipt: { id, alerts, name: person.name, way: way.way, receiver },
        message: way.message(id, text),
        isAgain: earlier !== undefined,
      });
    }
  }
  return planned;
}

type Way = {
  way: 'email' | 'webhook';
  address: string;
  message: (id: string, text: string) => Message;
};

/** Lists the ways to somebody that are set up, mail first. */
function waysOf({ hasMail, secrets, db }: TellDeps, { email, webhook }: DutyPerson): Way[] {
  const ways: Way[] = [];
  if (email !== undefined && hasMail)
    ways.push({
      way: 'email',
      address: email,
      message: (id, text) => ({ id, kind: 'on-duty', text, way: 'email', to: email }),
    });
  if (webhook?.secret === undefined || secrets === undefined) return ways;
  const { url } = webhook;
  const secret = opened(secrets, webhook.secret, placeOfDutyWebhook({ tenant: db.tenant, url }));
  if (secret !== undefined)
    ways.push({
      way: 'webhook',
      address: url,
      message: (id, text) => ({ id, kind: 'on-duty', text, way: 'webhook', url, secret }),
    });
  return ways;
}

/** Opens a secret; undefined where this process has another key. Other ways are taken then. */
function opened(secrets: Secrets, sealed: string, place: string): string | undefined {
  try {
    return secrets.open(sealed, place);
  } catch {
    return undefined;
  }
}
