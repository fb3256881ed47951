import { type AnswerButton, buttonsFor } from '@loopwell/sdoh';
import { describe, expect, it } from 'vitest';
import { offerTexts, readLanguages } from '../../texts/languages.ts';
import { answerForm } from './answer-form.ts';
import { formOf } from './answer-form-kinds.ts';
import { type ListedRequest, listPage } from './list-page.ts';
import type { PageContext, RequestPage, ShownView } from './page-model.ts';
import { requestPage } from './request-page.ts';

const languages = readLanguages();

/** Makes what every page needs, in a language, as the sandbox shows it. */
function contextIn(language: string, more: Partial<PageContext> = {}): PageContext {
  const place = { timeZone: 'America/Chicago', today: '2026-12-01', isSandbox: true };
  return {
    texts: offerTexts(languages, { wishes: [language], ...place }).texts,
    clinic: { name: 'Lakes Clinic', phone: '612-555-0100' },
    token: 'abc',
    formKey: 'form-key',
    newKey: () => 'key-1',
    ...more,
  };
}

const english = contextIn('en');
const id = '0b0f7a1e-5a6e-4d0e-9b53-0a4b5a1d0001';

const asked: ShownView = {
  stage: 'asked',
  category: 'food-insecurity',
  isLegal: false,
  answerBy: '2026-12-01T23:00:00Z',
  mustBy: '2026-12-04',
  householdSize: 4,
};

const accepted: ShownView = {
  ...asked,
  stage: 'accepted',
  answerBy: undefined,
  person: {
    firstName: 'Hodan',
    lastName: '<Warsame>',
    contact: { way: 'phone', address: '+16125550142' },
    care: { noVoicemail: true, personOnly: true, hours: 'mornings' },
    language: { code: 'so-SO' },
    needsInterpreter: true,
  },
};

const over: ShownView = { stage: 'over', category: 'food-insecurity', isLegal: false };

function pageOf(view: ShownView, more: Partial<RequestPage> = {}): RequestPage {
  const status = view.stage === 'asked' ? 'requested' : 'accepted';
  const state = { status, noAnswers: 0, canReach: true };
  const offered = buttonsFor(state, view.isLegal ? 'legal' : 'food');
  const buttons = view.stage === 'over' ? [] : offered;
  return {
    id,
    view,
    buttons,
    lastAnswer: undefined,
    mayCheckName: false,
    isEnding: false,
    hasTickets: false,
    isPartTwo: false,
    ...more,
  };
}

const written = (page: RequestPage, context = english) => requestPage(page, context).toString();

/** The words between the tags, one blank apart. */
const textOf = (markup: string) =>
  markup
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&#39;', "'")
    .trim();

describe('a request before the yes', () => {
  it('says what is asked for, by when, for how many, in the area, and by whom', () => {
    const text = textOf(written(pageOf(asked)));
    expect(text).toContain('New · Answer by Tue, Dec 1, 5:00 pm Food');
    expect(text).toContain('Household 4 people Where In your area Needed by Fri, Dec 4');
    expect(text).toContain('Sent by Lakes Clinic, 612-555-0100 Number 0B0F7A');
  });

  it('has the yes that needs no more words as one button, and the others as forms', () => {
    const markup = written(pageOf(asked));
    expect(markup).toContain('name="button" value="yesWeCall"');
    for (const form of ['come', 'wait', 'no'])
      expect(markup).toContain(`href="/p/abc/requests/${id}/${form}"`);
    expect(markup).not.toContain('value="noFull"');
  });

  it('has the ticket that the person brings, where people come with one, and no name ever', () => {
    expect(textOf(written(pageOf(asked)))).not.toContain('Ticket');
    const ticket = { hasTickets: true, ticket: 'K7QX2' };
    const text = textOf(written(pageOf(asked, ticket)));
    expect(text).toContain('Ticket K7QX2 The person brings this ticket.');
    expect(text).not.toContain('After a yes you see');
    const taken = textOf(written(pageOf({ ...accepted, person: undefined }, ticket)));
    expect(taken).toContain('Ticket K7QX2');
    expect(taken).not.toContain('cannot be shown');
  });

  it('that was answered is not called new, and promises nothing more', () => {
    const text = textOf(written(pageOf(asked, { isEnding: true, buttons: [] })));
    expect(text).toMatch(/^Answered Food/);
    expect(text).not.toMatch(/New|After a yes/);
  });

  it('offers the name to check only where it may be asked for', () => {
    expect(written(pageOf(asked))).not.toContain('Check a name');
    expect(written(pageOf(asked, { mayCheckName: true }))).toContain(`/${id}/name"`);
    const checked = pageOf(asked, { mayCheckName: true, checkedName: 'Hodan <b>' });
    expect(written(checked)).toContain('The name is Hodan &lt;b&gt;.');
    expect(written(pageOf(accepted, { mayCheckName: true }))).not.toContain('Check a name');
  });
});

describe('a request after the yes', () => {
  it('shows the person, how to reach them, and what to mind', () => {
    const text = textOf(written(pageOf(accepted)));
    expect(text).toContain('First name Hodan Reach by Call 612-555-0142 Best time: mornings');
    expect(text).toContain('Language Somali · needs an interpreter');
    expect(text).toContain(
      "Don't leave voicemail. Ask for Hodan only. Anyone else: end the call, say nothing about food or the clinic.",
    );
    expect(written(pageOf(accepted))).toContain('&lt;Warsame&gt;');
  });

  it('minds what is written where the person chose texts', () => {
    const contact = { way: 'sms', address: '+16125550142' } as const;
    const person = { ...accepted.person, needsInterpreter: false, contact };
    const text = textOf(written(pageOf({ ...accepted, person })));
    expect(text).toContain('Write nothing about food or the clinic.');
    expect(text).not.toContain('voicemail');
  });

  it('leads through the clinic where the person gave no way', () => {
    const text = textOf(written(pageOf({ ...accepted, person: { needsInterpreter: false } })));
    expect(text).toContain('Reach by Call Lakes Clinic, 612-555-0100.');
    const hidden = textOf(written(pageOf({ ...accepted, person: undefined })));
    expect(hidden).toContain("The person's data cannot be shown now.");
  });

  it('asks what happened, each answer with one tap or its form', () => {
    const { buttons } = pageOf(accepted);
    const markup = written(pageOf(accepted));
    for (const name of buttons) {
      const form = formOf(name);
      expect(markup).toContain(form ? `/${form}"` : `value="${name}"`);
    }
    expect(buttons).toContain('gotHelp');
  });

  it('has what ends it apart from the other answers, and not as the first choice', () => {
    const markup = written(pageOf(accepted));
    expect(markup).toMatch(/<div class="apart"><button[^>]*value="gotHelp"/);
    expect(markup).not.toContain('class="primary"');
  });

  it('says from which day on the next try is', () => {
    const text = textOf(written(pageOf(accepted, { nextTry: '2026-12-03' })));
    expect(text).toContain('Next try on Thu, Dec 3 or later. Its button comes back then.');
  });
});

describe('a request for legal help', () => {
  it('says the date of the court first, and is refused without a reason', () => {
    const markup = written(pageOf({ ...asked, isLegal: true }));
    expect(textOf(markup)).toContain('Food Court date Fri, Dec 4 Household');
    expect(markup).toContain('value="cantHelpWithThisOne"');
    expect(markup).not.toContain("No, we can't");
  });

  it('is then talked about or closed, and nothing else', () => {
    const { buttons } = pageOf({ ...accepted, isLegal: true });
    expect(buttons).toEqual(['talkedWithThem', 'closedLegal']);
  });
});

describe('what was said last', () => {
  const until = new Date('2026-12-01T16:12:00Z');
  const lastAnswer = { id: '7', button: 'gotHelp', by: undefined, undoUntil: until } as const;
  const page = pageOf(accepted, { lastAnswer, buttons: [] });

  it('is thanked for, and can be undone until a time', () => {
    const markup = written(page);
    expect(textOf(markup)).toContain('Thank you. Lakes Clinic knows now. You said: They got help');
    expect(textOf(markup)).toContain('You can undo until 10:12 am. Undo');
    expect(markup).toContain('name="answer" value="7"');
  });

  it('names whoever said it to somebody else', () => {
    const text = textOf(written({ ...page, lastAnswer: { ...lastAnswer, by: 'Ayaan' } }));
    expect(text).toContain('Ayaan has answered already: They got help');
  });

  it.each([
    ['undone', 'Undone.'],
    ['same', 'We have this answer already.'],
    ['tooLate', 'It is too late to undo this. Call Lakes Clinic, 612-555-0100.'],
    ['afterEnd', 'The request had ended before your answer came.'],
    ['notOffered', 'This answer is not possible any more.'],
  ] as const)('or what became of a form: %s', (notice, text) => {
    expect(textOf(written(page, { ...english, notice }))).toContain(text);
  });
});

describe('the form of an answer', () => {
  const form = (name: Parameters<typeof answerForm>[1]['form'], view = asked) =>
    answerForm(pageOf(view), { form: name }, english).toString();

  it('of a no has all reasons, the pause and who else, and the request for no details', () => {
    const markup = form('no');
    const reasons: AnswerButton[] = ['noFull', 'noOutsideArea', 'noOutsideRules', 'noNotOffered'];
    for (const reason of reasons) expect(markup).toContain(`value="${reason}"`);
    expect(markup).toContain('id="pauseUntil" name="pauseUntil" type="date"');
    expect(markup).not.toContain(' checked');
    expect(markup).toMatch(/<input [^>]*value="noFull" required>/);
    expect(textOf(markup)).toContain(
      'full right now” pauses all new requests to you until the day',
    );
    expect(textOf(markup)).toContain("They don't meet our rules");
    expect(markup).toContain('Who could help instead?');
    expect(markup).toContain('No health, family or immigration details, please.');
  });

  it.each([
    ['come', ['when', 'where', 'bring'], asked],
    ['wait', ['when'], asked],
    ['part', ['missing'], accepted],
    ['try', ['nextTry'], accepted],
    ['hand-over', ['whoElse'], accepted],
    ['back', ['whoElse'], accepted],
  ] as const)('asks for what goes with it: %s', (name, fields, view) => {
    const markup = form(name, view);
    for (const field of fields) expect(markup).toContain(`name="${field}"`);
    expect(markup).not.toContain('name="partner"');
  });

  it('keeps what was typed, and says what is wrong at its field', () => {
    const typed = {
      fields: { whoElse: '"Hillside" <i>' },
      problems: [{ field: 'pauseUntil', rule: 'past' }],
    } as const;
    const chosen: AnswerButton = 'noOther';
    const markup = answerForm(pageOf(asked), { form: 'no', chosen, typed }, english).toString();
    expect(markup).toContain('value="&quot;Hillside&quot; &lt;i&gt;"');
    expect(markup).toContain('id="pauseUntil-error">This day has passed.');
    expect(markup).toMatch(/value="noOther" required checked/);
  });

  it('of a no says that a reason is to be chosen', () => {
    const typed = { fields: {}, problems: [{ field: 'button', rule: 'choose' }] } as const;
    const markup = answerForm(pageOf(asked), { form: 'no', typed }, english).toString();
    expect(markup).toContain('id="button-error">Please choose one of these.');
    expect(markup).not.toContain(' checked');
  });
});

describe('the list', () => {
  const listed: ListedRequest = {
    id,
    category: 'utility-insecurity',
    stage: 'asked',
    isEnding: false,
    isLegal: false,
    answerBy: new Date('2026-12-01T23:00:00Z'),
    mustBy: undefined,
    sentAt: new Date('2026-11-30T16:00:00Z'),
    acceptedAt: undefined,
  };
  const textsOf = (list: ListedRequest[]) => textOf(listPage(list, english).toString());

  it('has each open request one tap away, and tells nobody', () => {
    const acceptedAt = new Date('2026-11-30T18:00:00Z');
    const court = { ...listed, acceptedAt, isLegal: true, mustBy: '2026-12-04' };
    const taken = { ...court, stage: 'accepted' } as const;
    const text = textsOf([listed, taken, { ...listed, isEnding: true }]);
    expect(text).toContain('1 open request ');
    expect(text).toContain(
      'Energy and water bills New · Answer by Tue, Dec 1, 5:00 pm · Sent Mon, Nov 30 · No. 0B0F7A',
    );
    expect(text).toContain(
      'Answered Energy and water bills You said yes on Mon, Nov 30 · Court date Fri, Dec 4',
    );
    expect(text).toContain('Energy and water bills Answered · Sent');
  });

  it('says that nothing is open', () => {
    expect(textsOf([])).toContain('There is no open request.');
  });
});

/** All views of a request, by state and kind. */
const views: [string, RequestPage][] = [
  ['asked', pageOf(asked)],
  ['asked, legal', pageOf({ ...asked, isLegal: true })],
  ['accepted', pageOf(accepted)],
  ['accepted, legal', pageOf({ ...accepted, isLegal: true })],
  ['over', pageOf(over)],
];

describe.each(['en', 'es', 'so', 'hmn'])('in %s every view', (language) => {
  const context = contextIn(language);
  const { closing } = context.texts.words.frame;
  const forms = ['come', 'wait', 'no', 'part', 'try', 'hand-over', 'back'] as const;
  const markups = [
    ...views.map(([, page]) => written(page, context)),
    ...forms.map((form) => answerForm(pageOf(accepted), { form }, context).toString()),
    listPage([], context).toString(),
  ];

  it('ends with the word against passing it on', () => {
    const ends = markups.map(textOf);
    expect(ends.filter((text) => !text.endsWith(closing))).toEqual([]);
  });

  it('is small, has no script, and leaves no place of a text empty', () => {
    for (const markup of markups) {
      expect(markup.length).toBeLessThan(20_000);
      expect(markup).not.toMatch(/<script|undefined|\{\w+\}|javascript:/);
    }
  });
});
