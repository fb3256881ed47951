import { describe, expect, it } from 'vitest';
import { code, conditionsOf, issuesOf, observation, patient } from '../../test/bundles.ts';

const [food, transport] = [
  'food-insecurity 733423003 Z59.41',
  'transportation-insecurity 551691000124106 Z59.82',
];

/** A form that names its questions by their words alone. */
function asked(...items: readonly (readonly [string, string])[]) {
  const item = items.map(([text, answer], index) => ({
    linkId: `q${index}`,
    text,
    answer: [{ valueString: answer }],
  }));
  const resource = {
    resourceType: 'QuestionnaireResponse',
    id: 'q1',
    status: 'completed',
    authored: '2026-05-04T10:00:00Z',
    item,
  };
  const { transaction, issues } = code({
    resourceType: 'Bundle',
    entry: [patient(), resource].map((one) => ({ resource: one })),
  });
  const said = issuesOf(issues).filter((one) => !/mended/.test(one));
  return { needs: conditionsOf(transaction).map((one) => one.replace('POST ', '')), said };
}

/** Every way of saying it that a template gives: `{a|b}`. */
const allOf = (template: string): string[] => {
  const [whole, choices = ''] = /\{([^{}]*)\}/.exec(template) ?? [];
  return whole === undefined
    ? [template]
    : choices.split('|').flatMap((one) => allOf(template.replace(whole, one)));
};

const year = '{Within|In|During} the {past|last} {12|twelve} months,';
const worried = [
  `${year} you {worried that|worried whether|worried if} your food would run out before you {got|got the|had|had the} money to buy more.`,
  `${year} {I|we} worried {whether|that} {my|our} food would run out before {I|we} got the money to buy more`,
  `${year} {were you|have you been} worried {that|whether} your food would run out before you got {the |}money to buy more?`,
  '(I/We) worried whether (my/our) food would run out before (I/we) got money to buy more.',
  'We worried whether our food would run out before we got money to buy more. {Was that|Was this} often true, sometimes true, or never true for {you|your household} in the last 12 months?',
  'Within the past 12 months we worried whether our food would run out before we got money to buy more [U.S. FSS]',
  '{Q1:|Question 1.|Q1|2.1)|b)} Within the past 12 months, you worried that your food would run out before you got the money to buy more.',
  'Within the past 12 months, we worried that our food {might|may|would} run out before {getting|we could get|having} {the |}money to buy more.',
  'Thinking {about|back over} the last 12 months: I worried whether my food would run out before I got the money to buy more',
  'Was this statement often true, sometimes true or never true: within the past 12 months we worried whether our food would run out before we got the money to buy more.',
  'Within the past 12 months, you worried that your food would run out before you got the money to buy more{. (Often true / Sometimes true / Never true)|: often true, sometimes true, or never true?}',
  '7. In the past year, you worried that your food would run out before you got the money to buy more.',
];
const notLasted = [
  `${year} the food we bought {just didn't|did not|didn’t} last and we didn't have money to get more`,
  "In the last 12 months the food {you|we|I} bought just didn't last and {you|we|I} {didn't|did not} have {money|the money|enough money} to {get|buy} more.",
  "Within the past 12 months, the food we bought just did not last, and there wasn't {enough |}money to get more",
  "The food that (I/we) bought just didn't last, and (I/we) didn't have money to get more.",
  "“The food that we bought just didn't last, and we didn't have money to get more.” Was that often, sometimes, or never true for you in the last 12 months?",
];
const rides = [
  `${year} {has|has a} lack of {reliable |}transportation kept you from medical appointments, meetings, work{,|} or {from |}getting things {needed|you need} for daily living?`,
  `${year} has lack of transportation kept {me|us|you or your family} from {attending |getting to |}medical appointments, meetings, work, or getting things {I need|that we need|needed} for daily living?`,
  `${year} has lack of transportation {kept|prevented} {me|us} from medical appointments or from getting {my |our |}medications?`,
  `${year} has lack of transportation kept {you|me|us} from non-medical meetings, appointments, work, or from getting things that {you|I|we} need?`,
];
const [medical, daily] = [
  'In the past 12 months, has lack of transportation kept you from medical appointments or from getting medications?',
  'In the past 12 months, has lack of transportation kept you from meetings, work, or from getting things needed for daily living?',
];

describe('a question that forms word in their own way', () => {
  it.each([...worried, ...notLasted])('asks for food: %s', (template) => {
    for (const text of allOf(template)) {
      expect([text, asked([text, 'Often true']).needs]).toEqual([text, [food]]);
      expect([text, asked([text, 'Never true']).needs]).toEqual([text, []]);
    }
  });

  it.each(rides)('asks for transportation: %s', (template) => {
    for (const text of allOf(template)) {
      expect([text, asked([text, 'Yes']).needs]).toEqual([text, [transport]]);
      expect([text, asked([text, 'No']).needs]).toEqual([text, []]);
    }
  });

  it.each([
    'In the past 30 days, you worried that your food would run out before you got money to buy more.',
    'Within the past 12 months, you never worried that your food would run out before you got money to buy more.',
    'Within the past 12 months, they worried that their food would run out before they got money to buy more.',
    'Currently or within the past 3 months, has lack of transportation kept you from medical appointments or from getting medications?',
    'Within the past 12 months, you worried that your food would run out.',
  ])('is not taken for another one: %s', (text) => {
    const { needs, said } = asked([text, 'Often true'], ['And this?', 'Yes']);
    expect(needs).toEqual([]);
    expect(said.filter((one) => one.includes('unmapped-question'))).toHaveLength(2);
  });
});

describe('an Observation whose question no LOINC code tells', () => {
  const worry =
    'In the last 12 months, were you worried that your food would run out before you got the money to buy more?';
  const hurt = 'How often does anyone, including family and friends, physically hurt you?';
  const local = { system: 'urn:oid:1.2.3', code: 'F1' };
  const value = { valueString: 'Often true' };
  const whole = { valueCodeableConcept: undefined };
  const told = (question: object, answer: object = value) =>
    observation('o1', '', undefined, { code: question, ...answer });
  const part = (question: object) => ({ code: question, ...value });
  const coded = (...resources: object[]) => {
    const { transaction, issues } = code({
      resourceType: 'Bundle',
      entry: [patient(), ...resources].map((one) => ({ resource: one })),
    });
    return {
      needs: conditionsOf(transaction).map((one) => one.replace('POST ', '')),
      said: issuesOf(issues),
      transaction,
    };
  };

  it.each<[string, object, string]>([
    ['its text', told({ text: worry }), 'code'],
    ['its text beside a code of the site', told({ coding: [local], text: worry }), 'code'],
    ['what a code of the site is called', told({ coding: [{ ...local, display: worry }] }), 'code'],
    [
      'an answer in words of a concept',
      told({ text: worry }, { valueCodeableConcept: { text: 'Sometimes true' } }),
      'code',
    ],
    [
      'a component',
      observation('o1', '96777-8', undefined, { ...whole, component: [part({ text: worry })] }),
      'component[0].code',
    ],
    [
      'a contained member',
      observation('o1', '96777-8', undefined, {
        hasMember: [{ reference: '#m' }],
        contained: [
          { resourceType: 'Observation', id: 'm', status: 'final', ...part({ text: worry }) },
        ],
      }),
      'contained[0].code',
    ],
  ])('is told by %s, and said so', (_title, resource, place) => {
    const { needs, said } = coded(resource);
    expect(needs).toEqual([food]);
    expect(said.filter((one) => !one.includes('component[0]') || one.endsWith(place))).toContain(
      `information mended [1].resource.${place}`,
    );
    expect(said.filter((one) => /unmapped|missing/.test(one))).toEqual([]);
  });

  it('goes back with the code before what came', () => {
    const { transaction } = coded(told({ coding: [{ ...local, display: worry }] }));
    const [own] = transaction.filter((one) => one.request?.method === 'PUT');
    expect(own?.resource).toMatchObject({
      code: {
        coding: [
          { system: 'http://loinc.org', code: '88122-7' },
          { ...local, display: worry },
        ],
        text: worry,
      },
    });
  });

  it('is read in parts', () => {
    const ride = (id: string, text: string, answer: string) => ({
      ...told({ text }, { valueString: answer }),
      id,
    });
    const { needs, said } = coded(ride('o1', medical, 'Yes'), ride('o2', daily, 'No'));
    expect([needs, said.filter((one) => one.startsWith('warning'))]).toEqual([[transport], []]);
  });

  it('calls a person where it is about safety', () => {
    const { needs, said } = coded(told({ text: hurt }, { valueString: 'Sometimes' }));
    expect([needs, said]).toEqual([
      [],
      [
        'information mended [1].resource',
        'information mended [1].resource.code',
        'warning sensitive [1].resource',
      ],
    ]);
  });

  it.each<[string, object, string]>([
    [
      'another code of LOINC',
      { coding: [{ system: 'http://loinc.org', code: '99999-9' }], text: worry },
      'unmapped-question',
    ],
    [
      'a code like one of LOINC, of no system',
      { coding: [{ code: '88123-5', display: worry }] },
      'missing-data',
    ],
    [
      'two questions',
      {
        coding: [
          { ...local, display: worry },
          { ...local, display: medical },
        ],
      },
      'unmapped-question',
    ],
    ['words that ask something else', { text: `${worry} And why?` }, 'unmapped-question'],
  ])('is not told by words beside %s', (_title, question, said) => {
    const result = coded(told(question));
    expect(result.needs).toEqual([]);
    expect(result.said.map((one) => one.split(' ').slice(0, 2).join(' '))).toEqual([
      `warning ${said}`,
    ]);
  });
});

describe('transportation that is asked for in two parts', () => {
  it.each<[string, string, string[]]>([
    ['Yes', 'No', [transport]],
    ['No', 'Yes', [transport]],
    ['Yes', 'Yes', [transport]],
    ['No', 'No', []],
  ])('is a need where one is affirmed, and no contradiction: %s, %s', (first, second, needs) => {
    const result = asked([medical, first], [daily, second]);
    expect(result.needs).toEqual(needs);
    expect(result.said.filter((one) => !one.includes('screened'))).toEqual([]);
  });

  it('goes with the food questions of the same form', () => {
    const result = asked(
      [allOf(worried[0] ?? '')[2] ?? '', 'Sometimes true'],
      [
        "Within the past 12 months, the food you bought just didn't last and you didn't have money to get more.",
        'Never true',
      ],
      [medical, 'Yes'],
      [daily, 'No'],
    );
    expect(result.needs).toEqual([food, transport]);
    expect(result.said.filter((one) => !one.includes('screened'))).toEqual([]);
  });

  it('is read in parts where codes name the question, too', () => {
    const item = [medical, daily].map((text, index) => ({
      linkId: `/93030-5`,
      text,
      answer: [
        { valueCoding: { system: 'http://loinc.org', code: index === 0 ? 'LA32-8' : 'LA33-6' } },
      ],
    }));
    const resource = {
      resourceType: 'QuestionnaireResponse',
      id: 'q1',
      status: 'completed',
      authored: '2026-05-04T10:00:00Z',
      item,
    };
    const observed = [medical, daily].map((text, index) =>
      observation(`o${index}`, '93030-5', index === 0 ? 'LA32-8' : 'LA33-6', {
        code: { coding: [{ system: 'http://loinc.org', code: '93030-5' }], text },
      }),
    );
    for (const resources of [[resource], observed]) {
      const { transaction, issues } = code({
        resourceType: 'Bundle',
        entry: [patient(), ...resources].map((one) => ({ resource: one })),
      });
      expect(conditionsOf(transaction)).toEqual([`POST ${transport}`]);
      expect(issuesOf(issues)).toEqual([]);
    }
  });

  it('denies a need on file only where both parts are denied', () => {
    const onFile = {
      resourceType: 'Condition',
      id: 'c1',
      clinicalStatus: { coding: [{ code: 'active' }] },
      verificationStatus: { coding: [{ code: 'confirmed' }] },
      category: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/condition-category',
              code: 'problem-list-item',
            },
          ],
        },
      ],
      code: { coding: [{ system: 'http://snomed.info/sct', code: '551691000124106' }] },
      recordedDate: '2025-01-01',
      subject: { reference: 'Patient/p1' },
    };
    const doubts = (...items: readonly (readonly [string, string])[]) => {
      const item = items.map(([text, answer], index) => ({
        linkId: `q${index}`,
        text,
        answer: [{ valueString: answer }],
      }));
      const resource = {
        resourceType: 'QuestionnaireResponse',
        id: 'q1',
        status: 'completed',
        authored: '2026-05-04T10:00:00Z',
        item,
      };
      const { issues } = code({
        resourceType: 'Bundle',
        entry: [patient(), onFile, resource].map((one) => ({ resource: one })),
      });
      return issuesOf(issues).filter((one) => one.includes('condition-review')).length;
    };
    expect([
      doubts([medical, 'No']),
      doubts([daily, 'No']),
      doubts([medical, 'No'], [daily, 'No']),
    ]).toEqual([0, 0, 1]);
  });
});
