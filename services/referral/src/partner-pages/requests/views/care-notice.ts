import { type Html, html, notice } from '@loopwell/http';
import { fill } from '../../texts/calendar.ts';
import type { PartnerWords } from '../../texts/languages.ts';
import { helpText, type PageContext, type ShownView } from './page-model.ts';

/**
 * Renders what a helper has to mind before they call or write, as the person said it; undefined
 * where there is nothing.
 */
export function careNotice(view: ShownView, { texts }: PageContext): Html | undefined {
  const { person, category } = view;
  if (!person?.contact || !person.care) return undefined;
  const { noVoicemail, personOnly } = person.care;
  const help = helpText(texts, category).toLowerCase();
  const { care } = texts.words;
  const isCall = person.contact.way === 'phone';
  const voicemail = noVoicemail && isCall && html`<strong>${care.noVoicemail}</strong> `;
  if (!voicemail && !personOnly) return undefined;
  const words = isCall ? callText(person.firstName, help, care) : fill(care.written, { help });
  return notice('caution', html`${voicemail}${personOnly && words}`);
}

function callText(name: string | undefined, help: string, care: PartnerWords['care']): Html {
  const ask = name === undefined ? care.askForThem : fill(care.askFor, { name });
  return html`<strong>${ask}</strong> ${fill(care.anyoneElse, { help })}`;
}
