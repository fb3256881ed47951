import { attributes, type Html, html } from '@loopwell/http';

/** A box to tick. `code` is sent. */
export type Box = { name: string; code: string; label: string; isOn: boolean };

/** Renders a box to tick, with its label behind it. */
export function box({ name, code, label, isOn }: Box): Html {
  const input = attributes({ type: 'checkbox', name, value: code, checked: isOn });
  return html`<label><input ${input}> ${label}</label> `;
}
