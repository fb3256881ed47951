import { type fhir4, systems } from '@loopwell/fhir';
import {
  type AnswerButton,
  type ButtonRow,
  buttonRow,
  type ReadOutput,
  serviceToSuggest,
} from '@loopwell/sdoh';
import type { InboxRow, ReferralRow } from '@loopwell/store';
import type { InboxAnswer, PressedButton } from '../answers/inbox-answer.ts';
import type { PressedForm } from './page-answer.ts';
import type { PageTask } from './page-task.ts';

type Pressed = Pick<InboxRow, 'door' | 'message_id'> & { pressed: PressedButton; now: Date };

/** Makes the answer of the inbox that a button is. */
export function answerOfButton(
  { referral }: PageTask,
  { task, partner, helper }: PressedForm,
  { door, message_id, pressed, now }: Pressed,
): InboxAnswer {
  const body = bodyOfButton(pressed.button, referral, now);
  return {
    task,
    door,
    messageId: message_id,
    who: `partner:${partner}`,
    saidBy: helper.name,
    at: now,
    status: body.status,
    body,
    outputs: (body.output ?? []).map(readOutput),
    pressed,
  };
}

/** The elements of a Task in which a button speaks. No words of anybody are among them. */
function bodyOfButton(button: AnswerButton, referral: ReferralRow, now: Date): fhir4.Task {
  const { to, statusReason, businessStatus, output } = buttonRow(button);
  return {
    resourceType: 'Task',
    intent: 'order',
    status: to as fhir4.Task['status'],
    lastModified: now.toISOString(),
    ...(statusReason && { statusReason: conceptOf(statusReason) }),
    ...(businessStatus && { businessStatus: statusConceptOf(button, businessStatus) }),
    ...(output && { output: [activityOf(referral)] }),
  };
}

type Code = NonNullable<ButtonRow['statusReason']>;

/** Writes a code with its words, as the guide asks for. */
export const conceptOf = ({ system, code, text }: Code): fhir4.CodeableConcept => ({
  coding: [{ system, code }],
  text,
});

/** Adds that the person was tried, so that a try by a button takes from their budget, too. */
function statusConceptOf(button: AnswerButton, code: Code): fhir4.CodeableConcept {
  const concept = conceptOf(code);
  const isTry = button === 'noAnswer1' || button === 'noAnswer2';
  if (!isTry) return concept;
  const tried = { system: systems.declineReason, code: 'unable-to-reach' };
  return { ...concept, coding: [...(concept.coding ?? []), tried] };
}

/** Names the service that was asked for as what was done. */
function activityOf(referral: ReferralRow): fhir4.TaskOutput {
  const chosen =
    referral.service_code === null
      ? serviceToSuggest(referral.category)
      : (JSON.parse(referral.service_code) as fhir4.Coding);
  const type = { coding: [{ system: systems.sdohcc, code: 'resulting-activity' }] };
  const text = 'The help that was asked for';
  return { type, valueCodeableConcept: chosen ? { coding: [chosen], text } : { text } };
}

const readOutput = ({ type, valueCodeableConcept }: fhir4.TaskOutput): ReadOutput => ({
  type,
  valueName: 'valueCodeableConcept',
  content: valueCodeableConcept,
  reference: null,
  resource: null,
  unread: null,
});
