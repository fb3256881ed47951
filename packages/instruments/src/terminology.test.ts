import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  conditionCodesOf,
  goalCodeOf,
  type InstrumentTable,
  icd10cmOn,
  icd10cmRows,
  serviceToSuggest,
  wordsHash,
} from '@loopwell/sdoh';
import { describe, expect, it } from 'vitest';
import aafp from './aafp/rows.json' with { type: 'json' };
import ahcHrsn from './ahc-hrsn/rows.json' with { type: 'json' };
import supplemental from './ahc-hrsn-supplemental/rows.json' with { type: 'json' };
import cmsAssessment from './cms-assessment/rows.json' with { type: 'json' };
import hungerVitalSign from './hunger-vital-sign/rows.json' with { type: 'json' };
import nhanes from './nhanes-social-connection/rows.json' with { type: 'json' };
import prapare from './prapare/rows.json' with { type: 'json' };

/**
 * Our rows against the terminology that they were made from, where that is at hand; row by row, and
 * nothing beside it.
 */
const folder = fileURLToPath(new URL('../../../../shared/terminology/', import.meta.url));
const isThere = existsSync(folder);
const tables: readonly (readonly [string, InstrumentTable])[] = [
  ['ahc-hrsn', ahcHrsn],
  ['hvs', hungerVitalSign],
  ['prapare', prapare],
  ['ahc-hrsn-suppl', supplemental],
  ['aafp', aafp],
  ['cms-assessment', cmsAssessment],
  ['nhanes-sci', nhanes],
];

type Line = Record<string, string>;

/** RFC 4180, as far as these files go. */
function readCsv(name: string): Line[] {
  const cells = [
    ...readFileSync(`${folder}${name}`, 'utf8').matchAll(/("(?:[^"]|"")*"|[^,\r\n]*)(,|\r?\n|$)/g),
  ];
  const rows: string[][] = [[]];
  for (const [, cell = '', end = ''] of cells) {
    rows.at(-1)?.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end !== ',') rows.push([]);
  }
  const [header = [], ...lines] = rows.filter((row) => row.length > 1);
  return lines.map((row) =>
    Object.fromEntries(header.map((key, index) => [key, row[index] ?? ''])),
  );
}

/**
 * The category that a row names first and its codes; where it leaves the codes open, those that its
 * category prefers.
 */
function needOf(line: Line): (string | undefined)[] {
  const category = line.category?.split('|')[0];
  if (line.snomed || line.icd10cm) return [category, line.snomed, line.icd10cm];
  const known = readCsv('need_codes.csv').filter(
    (one) => one.category === category && one.role === 'condition' && one.preferred === 'yes',
  );
  const code = (system: string) => known.find((one) => one.system?.includes(system))?.code;
  return [category, code('snomed'), code('icd-10')];
}

const plain = (text: string | undefined) => (text ?? '').trim().toLowerCase();

/** Rows that state a cut-off rather than an answer. */
const isLeftOut = (line: Line) => !/^LA/.test(line.answer_code ?? '');

/** Rows that no source verifies: in the list, and off. */
const isUnjudged = (line: Line) => line.verification === 'unverified';

/**
 * A question that several instruments ask with one list of answers: lines of another instrument,
 * without its refusals.
 */
const borrowed: Readonly<Record<string, string>> = { 'ahc-hrsn-suppl 93038-8': 'prapare' };

if (!isThere)
  process.stderr.write(
    'terminology.test.ts: the terminology is not at hand; the comparison is skipped.\n',
  );

describe.skipIf(!isThere).each(tables)('the rows of %s', (id, table) => {
  const questions = isThere
    ? readCsv('questions.csv').filter((line) => line.instrument_id === id)
    : [];
  const answers = isThere
    ? readCsv('answers.csv').filter((line) => {
        if (line.instrument_id === id) return true;
        const lender = borrowed[`${id} ${line.question_loinc}`];
        return lender === line.instrument_id && !/choose not/i.test(line.display ?? '');
      })
    : [];

  it('name the panel that LOINC gives the instrument', () => {
    const line = readCsv('instruments.csv').find((one) => one.instrument_id === id);
    expect(line).toMatchObject(
      table.panel === ''
        ? { panel_verified: 'no' }
        : { loinc_panel: table.panel, panel_verified: 'yes' },
    );
  });

  it('have each question, with its categories in order, its kind and whether it takes several answers', () => {
    const kind = (type: string | undefined) =>
      /integer|decimal|quantity/.test(type ?? '')
        ? 'number'
        : type === 'string'
          ? 'text'
          : 'choice';
    const text = (row: InstrumentTable['questions'][number]) =>
      row.categoryText ? ` (text ${row.categoryText})` : '';
    expect(
      table.questions.map((row) => [
        row.code,
        `${row.categories.join('|')}${text(row)}`,
        row.type,
        row.multiple === true,
      ]),
    ).toEqual(
      questions.map((line) => [
        line.loinc,
        line.categories,
        kind(line.type),
        line.multi?.startsWith('yes'),
      ]),
    );
    expect(questions.length).toBeGreaterThan(0);
  });

  it('know each question by its wording, without holding it', () => {
    for (const line of questions.filter((one) => !/unverified/.test(one.text ?? ''))) {
      const row = table.questions.find((one) => one.code === line.loinc);
      expect([line.loinc, row?.wordings]).toEqual([
        line.loinc,
        expect.arrayContaining([wordsHash(line.text ?? '')]),
      ]);
    }
  });

  it('have each answer of the lists and no other', () => {
    const ours = table.questions.flatMap((row) =>
      (row.answers ?? []).map((one) => `${row.code} ${one.code}`),
    );
    expect([...ours].sort()).toEqual(
      answers
        .filter((line) => !isLeftOut(line))
        .map((line) => `${line.question_loinc} ${line.answer_code}`)
        .sort(),
    );
    expect(new Set(ours).size).toBe(ours.length);
  });

  it('say what each answer means: need, category, codes, score, refusal, wording', () => {
    for (const line of answers.filter((one) => !isLeftOut(one))) {
      const question = table.questions.find((row) => row.code === line.question_loinc);
      const row = question?.answers?.find((one) => one.code === line.answer_code);
      const place = `${line.question_loinc} ${line.answer_code}`;
      const isOff = /positive (flag )?unverified/.test(line.verification ?? '');
      const isPositive = /^yes/.test(line.positive ?? '') && !isOff;
      const makesCondition =
        /^(yes|policy)/.test(line.condition_created ?? '') && isPositive && !question?.sensitive;
      const isOpen =
        /review/.test(line.condition_created ?? '') && isPositive && !question?.sensitive;
      expect([place, row?.unjudged === true], place).toEqual([place, isUnjudged(line)]);
      expect([place, row?.inconclusive === true], place).toEqual([place, isOpen]);
      expect([place, row?.positive === true], place).toEqual([place, isPositive]);
      expect([place, row?.unverified === true], place).toEqual([place, isOff]);
      expect([place, row?.review === true], place).toEqual([place, line.positive === 'review']);
      expect([place, row?.score ?? ''], place).toEqual([
        place,
        line.score ? Number(line.score) : '',
      ]);
      expect([place, row?.declined === true], place).toEqual([
        place,
        /choose not|refused/i.test(line.display ?? ''),
      ]);
      expect([place, row?.absent === true], place).toEqual([
        place,
        /unable to respond/i.test(line.display ?? ''),
      ]);
      expect(
        [place, row?.need?.category, row?.need?.snomed ?? '', row?.need?.icd10cm ?? ''],
        place,
      ).toEqual(makesCondition ? [place, ...needOf(line)] : [place, undefined, '', '']);
      const words = [row?.display, ...(row?.words ?? [])].map(plain);
      const isWorded =
        words.includes(plain(line.display)) ||
        row?.wordings?.includes(wordsHash(line.display ?? '')) === true;
      expect([place, isWorded]).toEqual([place, true]);
    }
  });

  it('keep safety, violence and incarceration from the machine, and restricted topics labeled', () => {
    const safety = /safe|partner|jail|hurt you|insult|threaten you|curse/i;
    const topic = /refugee|farm work|drinks|tobacco|drugs|phq/i;
    for (const line of questions) {
      const row = table.questions.find((one) => one.code === line.loinc);
      expect([line.loinc, row?.sensitive === true]).toEqual([
        line.loinc,
        safety.test(line.text ?? ''),
      ]);
      expect([line.loinc, row?.restricted === true]).toEqual([
        line.loinc,
        safety.test(line.text ?? '') || topic.test(line.text ?? ''),
      ]);
    }
  });

  it('name findings that the SNOMED CT list of their category holds, by the words of that list', () => {
    const known = readCsv('need_codes.csv').filter((line) => line.role === 'condition');
    for (const need of table.questions.flatMap((row) =>
      (row.answers ?? []).flatMap((one) => one.need ?? []),
    )) {
      if (!need.snomed) continue;
      const line = known.find((one) => one.category === need.category && one.code === need.snomed);
      expect([need.snomed, `${need.display} (finding)`]).toEqual([line?.code, line?.display]);
    }
  });

  it('name billable ICD-10-CM leaves of the present edition', () => {
    const codes = new Map(readCsv('icd10cm.csv').map((line) => [line.code, line]));
    for (const need of table.questions.flatMap((row) =>
      (row.answers ?? []).flatMap((one) => one.need ?? []),
    )) {
      if (!need.icd10cm) continue;
      expect(codes.get(need.icd10cm)).toMatchObject({ billable: 'Y', valid_on_2026_10_01: 'yes' });
      expect(icd10cmOn(need.icd10cm, '2026-11-24T09:00:00-06:00')).toBe(need.icd10cm);
    }
  });
});

describe.skipIf(!isThere)('the ICD-10-CM codes that rules may emit', () => {
  it('agree with the list about what is a leaf now, and since when a header is one', () => {
    for (const line of readCsv('icd10cm.csv')) {
      const row = icd10cmRows[line.code ?? ''];
      if (!row) continue;
      expect([line.code, row.until === undefined]).toEqual([line.code, line.billable === 'Y']);
      const since = /(?:header since|new) (\d{4}-\d{2}-\d{2})/.exec(line.note ?? '')?.[1];
      if (since && line.billable === 'Y') expect([line.code, row.from]).toEqual([line.code, since]);
      if (since && line.billable === 'N')
        expect([line.code, (row.until ?? '') < since, icd10cmOn(line.code ?? '', since)]).toEqual([
          line.code,
          true,
          undefined,
        ]);
    }
    const listed = new Set(readCsv('icd10cm.csv').map((line) => line.code));
    expect(Object.keys(icd10cmRows).filter((code) => !listed.has(code))).toEqual([]);
  });
});

describe.skipIf(!isThere)('codes that a reviewer may choose', () => {
  it('are verified findings of their category, each with the words of that list, the suggested ones among them', () => {
    const verified = readCsv('need_codes.csv').filter(
      (line) =>
        line.role === 'condition' &&
        line.verification === 'verified' &&
        line.system === 'http://snomed.info/sct',
    );
    const categories = [...new Set(verified.map((line) => line.category ?? ''))];
    const offered = categories.filter((one) => conditionCodesOf(one).length > 0);
    expect(categories.filter((one) => !offered.includes(one)).sort()).toEqual([
      'elder-abuse',
      'incarceration-status',
      'intimate-partner-violence',
      'protective-factor',
    ]);
    for (const category of offered) {
      const lines = new Map(
        verified
          .filter((one) => one.category === category)
          .map((one) => [one.code ?? '', one.display ?? '']),
      );
      const ours = conditionCodesOf(category);
      expect([category, ours.map((one) => one.code).sort()]).toEqual([
        category,
        [...lines.keys()].sort(),
      ]);
      for (const one of ours)
        expect(lines.get(one.code)?.startsWith(one.display ?? '?')).toBe(true);
    }
    for (const need of tables.flatMap(([, one]) =>
      one.questions.flatMap((row) => (row.answers ?? []).flatMap((two) => two.need ?? [])),
    ))
      if (need.snomed)
        expect(conditionCodesOf(need.category).map((one) => one.code)).toContain(need.snomed);
  });
});

describe.skipIf(!isThere)('what is suggested beside a Condition', () => {
  const lines = isThere ? readCsv('need_codes.csv') : [];
  const categories = [...new Set(lines.map((line) => line.category ?? ''))];
  it.each([
    ['goal', goalCodeOf, ' (finding)'],
    ['service-request', serviceToSuggest, ''],
  ] as const)(
    'is the preferred %s of each category that a source verifies, and no other',
    (role, codeOf, kind) => {
      const known = lines.filter(
        (line) =>
          line.role === role && line.preferred === 'yes' && line.verification === 'verified',
      );
      expect(categories.length).toBeGreaterThan(20);
      for (const category of categories.filter((one) => one !== '(any)')) {
        const some = known.filter((line) => line.category === category);
        const code = codeOf(category);
        expect([category, code && [code.system, code.code, `${code.display}${kind}`]]).toEqual([
          category,
          some[0] && [some[0].system, some[0].code, some[0].display],
        ]);
        expect(some.length).toBeLessThan(2);
      }
    },
  );
});
