import { attributes, type Html, html } from '@loopwell/http';
import type { ConsoleTexts } from '../texts/en.ts';
import type { LoopPicture, LoopStage } from './loop.ts';

/**
 * Renders the loop as a picture: the seven stages, the gates and the partners, with the number that
 * waits at each.
 */
export function loopPicture(picture: LoopPicture, texts: ConsoleTexts): Html {
  const words = texts.overview.picture;
  const { count } = texts.formats;
  return html`<svg class="loop" viewBox="0 0 1000 300" role="img" aria-label="${words.spoken(picture)}">
  <defs>
    <marker id="tip" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="5" markerHeight="5" orient="auto-start-reverse"><path class="tip" d="M0 0 10 5 0 10z"/></marker>
  </defs>
  <g class="track">${tracks.map((d) => html`<path d="${d}" marker-end="url(#tip)"/>`)}</g>
  <g class="end"><rect x="15" y="110" width="110" height="80" rx="14"/><text x="70" y="146">${words.ehr}</text><text class="small" x="70" y="168">${words.chart}</text></g>
  <g class="end"><rect x="875" y="110" width="110" height="80" rx="14"/><text x="930" y="143">${words.partners}</text><text class="number" x="930" y="172">${count(picture.atPartners)}</text></g>
  <g class="${picture.gates > 0 ? 'gate waits' : 'gate'}">
    <path d="M622 24 660 62 622 100 584 62z"/>
    <text class="number" x="622" y="69">${count(picture.gates)}</text><text class="small" x="622" y="122">${words.atGates}</text>
  </g>
  ${picture.stages.map((stage) => stageNode(stage, texts))}
  <text class="big" x="500" y="162">${count(picture.closed)}</text>
  <text class="small" x="500" y="186">${words.closed(picture.closed)}</text>
</svg>`;
}

/**
 * The lines of the loop: out along the top, to the partners on the right, and back along the
 * bottom.
 */
const tracks = [
  'M70 108 V90 Q70 62 98 62 H142',
  'M266 62 H286',
  'M410 62 H430',
  'M554 62 H580',
  'M662 62 H688',
  'M812 62 H902 Q930 62 930 90 V106',
  'M930 190 V210 Q930 238 902 238 H814',
  'M690 238 H572',
  'M448 238 H336',
  'M212 238 H98 Q70 238 70 210 V194',
];

function stageNode(node: LoopStage, texts: ConsoleTexts): Html {
  const { x, y } = node;
  const state = [node.failed > 0 && 'has-failed', node.active > 0 && 'is-active'];
  const group = attributes({ class: ['node', ...state].filter(Boolean).join(' ') });
  return html`<g ${group}>
    <rect x="${x - 60}" y="${y - 36}" width="120" height="72" rx="12"/>
    <text class="name" x="${x}" y="${y - 14}">${node.stage}</text>
    <text class="number" x="${x}" y="${y + 10}">${texts.formats.count(node.waiting)}</text>
    <text class="small" x="${x}" y="${y + 28}">${paceOf(node, texts)}</text>
    ${node.failed > 0 && failedBadge(node)}
  </g>
  `;
}

function paceOf(
  { perMinute, waiting }: LoopStage,
  { overview: { picture } }: ConsoleTexts,
): string {
  if (perMinute > 0) return picture.perMinute(perMinute);
  return waiting > 0 ? picture.waiting : picture.idle;
}

const failedBadge = ({ x, y, failed }: LoopStage): Html =>
  html`<circle class="badge" cx="${x + 58}" cy="${y - 32}" r="17"/><text class="badge-text" x="${x + 58}" y="${y - 26}">${failed > 999 ? '999+' : failed}</text>`;
