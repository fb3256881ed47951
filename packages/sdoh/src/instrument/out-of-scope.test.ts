import { describe, expect, it } from 'vitest';
import {
  bundle,
  code,
  form,
  issuesOf,
  observation,
  patient,
  screenedOf,
} from '../../test/bundles.ts';

/**
 * Answers on moods, alcohol, tobacco, drugs and exercise are about no social need (coding contract,
 * "return").
 */
const run = (...resources: Parameters<typeof bundle>) => code(bundle(patient(), ...resources));
const [notAtAll, several] = ['LA6568-5', 'LA6569-3'];

describe('an item that belongs to no SDOHCC category', () => {
  it.each<[string, unknown, string]>([
    ['44250-9', several, 'Little interest or pleasure'],
    ['44254-5', several, 'Feeling tired'],
    ['44261-6', 12, 'PHQ-9 total'],
    ['68524-8', 'LA6270-8', 'Illegal drugs'],
    ['96842-0', 'LA6270-8', 'Tobacco'],
    ['89555-7', 3, 'Days of moderate exercise a week'],
    ['68518-0', 'LA6270-8', 'How often a drink containing alcohol'],
    ['72166-2', 'LA18976-3', 'Tobacco smoking status'],
    ['69725-0', several, 'Feeling nervous or anxious'],
  ])('%s puts nothing into return, and is named with its place', (question, answer, label) => {
    const place = '[1].resource.item[0].answer[0]';
    for (const [input, at] of [
      [observation('o1', question, answer), '[1].resource'],
      [form('97023-6', { [question]: answer }), place],
      [
        form('96777-8', { '93030-5': 'LA32-8', [question]: answer }),
        '[1].resource.item[1].answer[0]',
      ],
    ] as const) {
      const { transaction, issues } = run(input);
      expect(transaction.filter((one) => JSON.stringify(one.resource).includes(question))).toEqual(
        [],
      );
      expect(issuesOf(issues)).toEqual([`information not-coded ${at}`]);
      expect(
        issues.find((one) => one.details?.coding?.[0]?.code === 'not-coded')?.details?.text,
      ).toContain(`“${label}” (${question})`);
    }
  });

  it('is in no category that was screened', () => {
    expect(screenedOf(run(form('97023-6', { '44250-9': several })).issues)).toEqual({});
  });
});

describe('thoughts of self-harm', () => {
  const asked = (answer: unknown) =>
    [observation('o1', '44260-8', answer), form('44249-1', { '44260-8': answer })] as const;

  it.each(['LA6569-3', 'LA6570-1', 'LA6571-9', 'Several days'])(
    'answered %s are for a person, and nothing is made of them',
    (answer) => {
      for (const input of asked(
        typeof answer === 'string' && answer.startsWith('LA') ? answer : { valueString: answer },
      )) {
        const { transaction, issues } = run(input);
        expect(transaction).toEqual([]);
        expect(issuesOf(issues).filter((one) => one.includes('sensitive'))).toHaveLength(1);
      }
    },
  );

  it('answered "Not at all" are not', () => {
    for (const input of asked(notAtAll))
      expect(issuesOf(run(input).issues).some((one) => one.includes('warning'))).toBe(false);
  });

  it.each([2, { valueString: 'now and then' }])(
    'answered by what is in no list (%j) are never passed over',
    (answer) => {
      for (const input of asked(answer))
        expect(issuesOf(run(input).issues).some((one) => one.startsWith('warning'))).toBe(true);
    },
  );
});
