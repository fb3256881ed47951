import { type fhir4, systems } from '@loopwell/fhir';
import type { Coding } from '../../fhir-json/codings.ts';
import { omitUndefined } from '../../fhir-json/omit-undefined.ts';
import { answerPending, buttonRows } from './answer-buttons.ts';
import { codingsOf, type Loose } from './answer-words.ts';
import { ownProcedure } from './partner-procedure.ts';
import { publicCoding, reasonCoding } from './reason-codes.ts';

/** What stands in place of words that somebody removed. */
export const removedWords = 'The words were removed';

/**
 * Copies a Task without anything that its partner wrote in words: codes that everybody may see and
 * references stay.
 *
 * @param keepsReason the reason of its status is ours
 */
export function withoutWords(task: fhir4.Task, { keepsReason = false } = {}): fhir4.Task {
  const { note: _, statusReason, businessStatus, output, ...rest } = task;
  const outputs = output?.map(codedOutput).filter((coded) => coded !== undefined);
  return omitUndefined<fhir4.Task>({
    ...rest,
    statusReason: keepsReason ? statusReason : withoutText(statusReason),
    businessStatus: withoutText(businessStatus),
    output: outputs && outputs.length > 0 ? outputs : undefined,
  });
}

function withoutText(
  concept: fhir4.CodeableConcept | undefined,
): fhir4.CodeableConcept | undefined {
  if (concept === undefined) return undefined;
  const coding = codingsOf(concept).flatMap(wordlessCoding);
  return omitUndefined<fhir4.CodeableConcept>({
    coding: coding.length > 0 ? coding : undefined,
    text: removedWords,
  });
}

const steps = [answerPending, ...buttonRows.map(({ businessStatus }) => businessStatus)];

/** Returns a coding without its display, where its code is no words; else nothing. */
function wordlessCoding(coding: Loose): Coding[] {
  const step = steps.find((one) => one?.system === coding.system && one?.code === coding.code);
  return step ? [{ system: step.system, code: step.code }] : reasonCoding(coding);
}

/** Returns an output that names something by a code or a reference; undefined for any other. */
function codedOutput(output: fhir4.TaskOutput): fhir4.TaskOutput | undefined {
  const kinds = codingsOf(output.type).filter(({ system }) => system === systems.sdohcc);
  const kind = kinds.map(({ code }) => code).find((code) => outputKinds.includes(code));
  if (typeof kind !== 'string') return undefined;
  const type = { coding: [{ system: systems.sdohcc, code: kind }] };
  const reference = output.valueReference?.reference;
  if (reference !== undefined) return { type, valueReference: { reference } };
  const coding = codingsOf(output.valueCodeableConcept).flatMap(publicCoding);
  return coding.length > 0 ? { type, valueCodeableConcept: { coding } } : undefined;
}

const outputKinds: readonly unknown[] = ['resulting-activity', 'additional-content'];

/**
 * Copies a Procedure that a partner posted without anything that it wrote in words. Codes that
 * everybody may see, dates, numbers and references stay, and so does that it was posted.
 */
export function withoutProcedureWords(posted: fhir4.Procedure): fhir4.Procedure {
  const { id, identifier, basedOn, subject, performer } = posted;
  const coded = ownProcedure(posted, { ...nobody, id: id ?? '' });
  const hasCode = coded.code?.coding !== undefined;
  return omitUndefined<fhir4.Procedure>({
    ...coded,
    meta: undefined,
    identifier: identifier?.map(({ system, value }) => ({ system, value })),
    basedOn: basedOn?.map(bareReference),
    code: hasCode ? coded.code : { text: removedWords },
    subject: bareReference(subject),
    performer: performer?.map(({ actor }) => ({ actor: bareReference(actor) })),
  });
}

/** Who is named in no Procedure: whom it is about, and who did it, stand in the posted one. */
const nobody = {
  person: '',
  serviceRequest: null,
  identifierSystem: '',
  partner: { id: '', name: '' },
};

const bareReference = ({ reference }: fhir4.Reference): fhir4.Reference => ({ reference });
