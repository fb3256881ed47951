import { type Html, html } from '@loopwell/http';
import type { ReviewCondition, ReviewEvidence } from '../read/read-conditions.ts';
import type { ReviewTexts } from '../texts/en.ts';

/**
 * Renders the codes of each finding, folded away, with the answer, rule and version that it rests
 * on.
 */
export function evidenceDetails(conditions: readonly ReviewCondition[], texts: ReviewTexts): Html {
  const list = conditions.map(({ display, codes, evidence }) => {
    const written = codes.map(({ system, code }) => long(`${system} ${code}`));
    return html`<p>${display}: ${written}</p>
  <ul class="evidence">${evidence.map((line) => evidenceLine(line, texts))}</ul>
  `;
  });
  return html`<details class="codes">
  <summary>${texts.referral.codes}</summary>
  ${list}
</details>`;
}

function evidenceLine(evidence: ReviewEvidence, { referral: words }: ReviewTexts): Html {
  const codes = evidence.codes.map(
    ({ code, version }) => html`${long(code)}${words.of} ${long(version)}`,
  );
  const version = words.inVersion(evidence.ruleVersion);
  return html`<li>${words.answer} ${long(evidence.source)}, ${words.rule} ${long(evidence.rule)}${version}; ${codes}</li>`;
}

/** Renders a code that may be broken across lines. */
const long = (code: string): Html => html`<code class="long">${code}</code> `;
