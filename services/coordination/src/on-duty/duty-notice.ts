import { type Html, html, notice } from '@loopwell/http';
import {
  type AlertState,
  dutyAlerts,
  dutyMessages,
  type ShownMessage,
  type Tx,
} from '@loopwell/store';
import type { ReviewTexts } from '../texts/en.ts';
import { readOnDutyList, type StoredList } from './on-duty-list.ts';

/** What a notice about telling people says. */
export type DutyNoticeView = {
  list: Pick<StoredList, 'people' | 'phone'>;
  state: AlertState;
  hasMail: boolean;
  messages: readonly Pick<ShownMessage, 'state' | 'way'>[];
};

/** Renders what stands in the way of telling people on duty, and the number to call instead. */
export function dutyNotice(view: DutyNoticeView, { onDuty: words }: ReviewTexts): Html {
  const { people, phone } = view.list;
  const lines: Html[] = [];
  if (people.length === 0) lines.push(notice('alert', words.nobody(phone)));
  else if (view.state.problem !== null) lines.push(notice('alert', words.unreached(phone)));
  if (!view.hasMail && people.some(({ email }) => email !== undefined))
    lines.push(notice('caution', words.noMail));
  for (const way of ['email', 'webhook'] as const) {
    const latest = view.messages.find((message) => message.way === way);
    if (latest?.state === 'failed') lines.push(notice('caution', words.wayFails[way]));
  }
  return html`${lines}`;
}

/** Messages among which the latest of each way is looked for. */
const latestMessages = 20;

/**
 * Reads what a list says above its rows: whom to call where nobody is on duty or could be reached.
 * A list where nobody waits for anybody on duty says nothing of it.
 */
export async function readDutyNotice(tx: Tx): Promise<(texts: ReviewTexts) => Html> {
  const state = await dutyAlerts.readAlertState(tx);
  if (state.problem === null) return () => html``;
  const list = await readOnDutyList(tx);
  const messages = await dutyMessages.latestMessages(tx, latestMessages);
  return (texts) => dutyNotice({ list, state, hasMail: true, messages }, texts);
}
