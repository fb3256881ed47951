import {
  attributes,
  button,
  column,
  fields,
  type Html,
  headerColumn,
  html,
  notice,
  table,
  textField,
} from '@loopwell/http';
import type { PersonNames } from '../person-names.ts';
import type { ReviewTexts } from '../texts/en.ts';
import { callPath } from './calls-page.ts';
import type { CalledPartner, OpenRequest } from './read-calls.ts';
import type { RecordedSheet } from './record-sheet.ts';
import { longestNote, type Sheet } from './sheet-body.ts';

/** What the sheet of a partner shows, and what came of its form. */
export type SheetView = {
  partner: CalledPartner;
  requests: readonly OpenRequest[];
  codes: ReadonlyMap<string, string>;
  names: PersonNames;
  timeZone: string;
  typed?: Sheet;
  result?: RecordedSheet;
};

/**
 * Renders the sheet on which somebody ticks who came to a partner. On paper it has the codes and no
 * names.
 */
export function sheetPage(view: SheetView, texts: ReviewTexts): Html {
  const { sheet: words, page } = texts.calls;
  const { partner, requests } = view;
  const links = html`<p class="unprinted"><a href="/partners/calls">${page.back}</a> ·
<a href="${callPath(partner.id)}">${page.title(partner.name)}</a></p>`;
  const notices = noticesOf(view, texts);
  if (requests.length === 0) return html`${links}${notices}<p>${words.none}</p>`;
  return html`${links}${notices}
<p class="hint unprinted">${words.intro}</p>
<form method="post" action="${callPath(partner.id, '/sheet')}">
${table(requests, columnsOf(view, texts))}
${whoSaidSo(view, texts)}
</form>`;
}

function noticesOf(
  { typed, result, ...view }: SheetView,
  { calls }: ReviewTexts,
): Html | undefined {
  const { sheet: words } = calls;
  if (typed?.problem !== undefined)
    return html`<div tabindex="-1" autofocus>${notice('problem', words[typed.problem])}</div>`;
  if (result === undefined) return undefined;
  const left = result.left.map((referral) => {
    const sentence = words.notRecorded(codeOf(referral, view));
    return notice('problem', html`<a href="/review/${referral}#answer">${sentence}</a>`);
  });
  const done = notice('done', words.recorded(result.recorded.length));
  return html`<div tabindex="-1" autofocus>${done}${left}</div>`;
}

type Coded = Pick<SheetView, 'requests' | 'codes'>;

/** Gives the code by which a sheet names a request. */
function codeOf(referral: string, { requests, codes }: Coded): string {
  const request = requests.find((one) => one.referral === referral);
  return codes.get(request?.id ?? '') ?? referral.slice(0, 5).toUpperCase();
}

function columnsOf(view: SheetView, texts: ReviewTexts) {
  const { sheet: words } = texts.calls;
  const code = ({ referral }: OpenRequest) => codeOf(referral, view);
  const written = new Map(view.typed?.lines.map((line) => [line.referral, line]));
  return [
    headerColumn(words.code, code),
    column(words.need, (request: OpenRequest) => texts.need(request.category)),
    column(words.person, (request: OpenRequest) => {
      const name = view.names.get(request.person)?.name ?? texts.person.noName;
      return html`<a class="unprinted" href="/review/${request.referral}">${name}</a>`;
    }),
    column(words.came, (request: OpenRequest) => {
      const box = attributes({
        type: 'checkbox',
        name: 'came',
        value: request.referral,
        'aria-label': words.boxOf(code(request)),
        checked: written.get(request.referral)?.came === true,
      });
      return html`<input ${box}>`;
    }),
    column(words.said, (request: OpenRequest) => {
      const line = attributes({
        name: `said-${request.referral}`,
        value: written.get(request.referral)?.words,
        maxlength: longestNote,
        autocomplete: 'off',
        'aria-label': words.saidOf(code(request)),
      });
      return html`<input ${line}>`;
    }),
  ];
}

/** Renders the fields that count for the whole sheet. */
function whoSaidSo({ typed, timeZone }: SheetView, { calls }: ReviewTexts): Html {
  const { sheet: words } = calls;
  const saidBy = textField({
    id: 'saidBy',
    name: 'saidBy',
    label: words.saidBy,
    text: typed?.saidBy,
    maxlength: 120,
    isRequired: true,
  });
  const at = textField({
    id: 'at',
    name: 'at',
    label: words.at,
    hint: words.inZone(timeZone),
    type: 'datetime-local',
    isRequired: true,
  });
  return html`<div class="unprinted">${fields(saidBy, at, button({ label: words.record, kind: 'primary' }))}</div>`;
}
