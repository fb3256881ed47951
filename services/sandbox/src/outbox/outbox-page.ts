import type { Arrived } from './arrived.ts';
import type { OutboxManners } from './manners.ts';

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => signs[sign] ?? sign);

/** Makes the links of a message pressable, so that a partner's page is one click away. */
const linked = (text: string): string =>
  escaped(text).replace(/https?:\/\/[^\s<]+[\w/]/g, (link) => `<a href="${link}">${link}</a>`);

const style =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem}' +
  'article{border:1px solid #767676;border-radius:.5rem;margin:.75rem 0;padding:.75rem}' +
  'article p{margin:.25rem 0;white-space:pre-line;overflow-wrap:anywhere}' +
  '.when{color:#555}label{display:block;margin:.5rem 0}' +
  'input,button{font:inherit;min-height:2.75rem;padding:0 .75rem;max-width:100%}';

type Shown = { at: string; head: string; text: string };

const article = ({ at, head, text }: Shown): string =>
  `<article><p class="when">${escaped(at.slice(0, 19).replace('T', ' '))} UTC</p>` +
  `<p><strong>${escaped(head)}</strong></p><p>${linked(text)}</p></article>`;

function section(title: string, manner: string, messages: readonly Shown[]): string {
  const newestFirst = [...messages].reverse();
  const list = newestFirst.map(article).join('') || '<p>Nothing has arrived yet.</p>';
  return `<h2>${title}</h2><p>The receiver ${manner} messages.</p>${list}`;
}

const replyForm =
  '<h2>Text back</h2><form method="post" action="/outbox/text/reply">' +
  '<label>From the number <input name="from" required placeholder="+16125550101"></label>' +
  '<label>Words <input name="text" required placeholder="FULL, OPEN, STOP or a question"></label>' +
  '<button>Send the text</button></form>';

const verbs: Readonly<Record<OutboxManners['mail']['does'], string>> = {
  takes: 'takes',
  greylists: 'puts off',
  refuses: 'refuses',
  hangs: 'hangs at',
  bounces: 'takes and sends back',
  'carrier-refuses': 'takes and later refuses',
};

/** Writes the page that shows what arrived. */
export function outboxPage({ mail, texts, webhooks }: Arrived, manners: OutboxManners): string {
  const mails = mail.map(({ at, to, subject, text }) => ({
    at,
    head: `To ${to.join(', ')}: ${subject}`,
    text,
  }));
  const shownTexts = texts.map(({ at, to, text }) => ({ at, head: `To ${to}`, text }));
  const hooks = webhooks.map(({ at, body }) => ({ at, head: 'Webhook', text: body }));
  const parts = [
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Outbox of the sandbox</title>',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<style>${style}</style><main><h1>Outbox of the sandbox</h1>`,
    '<p>Made-up people only. Messages that Loopwell sent are here, the newest first.</p>',
    section('Texts', verbs[manners.text.does], shownTexts),
    replyForm,
    section('Mail', verbs[manners.mail.does], mails),
    section('Webhooks', verbs[manners.webhooks.does], hooks),
    '</main></html>',
  ];
  return parts.join('\n');
}
