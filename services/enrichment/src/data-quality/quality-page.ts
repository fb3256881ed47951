import { attributes, type Column, type Html, html, notice, table } from '@loopwell/http';
import type { EhrView, InstrumentView, Labeled, QuestionView } from './quality-view.ts';
import type { QualityTexts } from './texts/en.ts';

export type QualityPageView = {
  at: Date;
  /** The most people that were looked at. */
  most: number;
  ehrs: readonly EhrView[];
};

/** Renders the page about the data from each EHR: what arrives and what can be coded. */
export function qualityPage({ at, most, ehrs }: QualityPageView, texts: QualityTexts): Html {
  return html`<p>${texts.intro}
${texts.upTo(most)} <code>loopwell quality</code> ${texts.everyone}
${texts.asOf(at)}</p>
${ehrs.length === 0 && html`<p>${texts.none}</p>`}
${ehrs.map((ehr) => ehrSection(ehr, texts))}
`;
}

function ehrSection(ehr: EhrView, texts: QualityTexts): Html {
  return html`${ehrSummary(ehr, texts)}
${ehr.instruments.map((instrument) => instrumentTable(instrument, texts))}
${unknownList(ehr.unknown, texts)}
${labeledSection(texts.mended, ehr.mended, texts)}
${issueList(ehr.issues, texts)}
${onFileSection(ehr.onFile, texts)}
${labeledSection(texts.notScreening, ehr.notScreening, texts)}
<h3>${texts.neverSeen}</h3>
<p>${ehr.neverSeen.length > 0 ? ehr.neverSeen.join(', ') : texts.allSeen}</p>
`;
}

/**
 * Renders the address of an EHR, the verdicts on its instruments, and the types that are not read.
 */
function ehrSummary(ehr: EhrView, texts: QualityTexts): Html {
  const totals = texts.totals(ehr.people, ehr.screenings, ehr.quarantined);
  const verdicts = ehr.verdicts.map((verdict) => html`<li><strong>${verdict}</strong></li>`);
  return html`<h2>${ehr.address}</h2>
<p>${texts.connection} <code>${ehr.ehr}</code>${totals}</p>
${verdicts.length > 0 && html`<ul>${verdicts}</ul>`}
${ehr.unread.map((sentence) => notice('caution', sentence))}`;
}

function onFileSection({ sentence, byCode }: EhrView['onFile'], texts: QualityTexts): Html {
  return html`<h3>${texts.onFile}</h3>
<p>${sentence}</p>
${byCode.length > 0 && labeledList(byCode, texts)}`;
}

function instrumentTable({ name, screenings, questions }: InstrumentView, texts: QualityTexts) {
  const columns: Column<QuestionView>[] = [
    {
      title: texts.columns.question,
      kind: 'header',
      cell: ({ label, code }) => html`${label} <code>${code}</code>`,
    },
    { title: texts.columns.arrived, cell: ({ arrived }) => arrived },
    { title: texts.columns.read, cell: ({ share }) => shareCell(share, texts) },
    { title: texts.columns.refused, cell: ({ declined }) => declined },
    { title: texts.columns.noAnswer, cell: ({ absent }) => absent },
    { title: texts.columns.notReadable, cell: ({ unread }) => unread },
  ];
  return table(questions, columns, { text: texts.instrument(name, screenings) });
}

function shareCell(share: number, texts: QualityTexts): Html {
  const meter = attributes({
    min: 0,
    max: 100,
    value: share,
    'aria-label': texts.columns.shareRead,
  });
  return html`<meter ${meter}></meter> ${texts.percent(share)}`;
}

function unknownList(unknown: EhrView['unknown'], texts: QualityTexts): Html | undefined {
  if (unknown.length === 0) return undefined;
  const { unknown: words } = texts;
  const list = unknown.map(({ count, kind, label, question, code }) => {
    const what = kind === 'question' ? words.question : words.answer;
    const answer = code && html`: <code>${code}</code>`;
    return html`<li>${texts.times(count)}${what} ${label && words.label(label)}<code>${question}</code>${answer}</li>\n`;
  });
  return html`<h3>${words.title}</h3>
<ul>${list}</ul>`;
}

function issueList(issues: EhrView['issues'], texts: QualityTexts): Html | undefined {
  if (issues.length === 0) return undefined;
  const list = issues.map(([code, count]) => html`<li>${texts.times(count)}${code}</li>\n`);
  return html`<h3>${texts.issues}</h3>
<ul>${list}</ul>`;
}

function labeledSection(title: string, list: readonly Labeled[], texts: QualityTexts) {
  if (list.length === 0) return undefined;
  return html`<h3>${title}</h3>
${labeledList(list, texts)}`;
}

function labeledList(list: readonly Labeled[], texts: QualityTexts): Html {
  const lines = list.map(
    ({ code, label, count }) => html`<li>${texts.times(count)}${label} <code>${code}</code></li>\n`,
  );
  return html`<ul>${lines}</ul>`;
}
