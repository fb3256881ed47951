import {
  button,
  column,
  fields,
  type Html,
  headerColumn,
  hiddenField,
  html,
  notice,
  selectField,
  table,
  textField,
} from '@loopwell/http';
import { siteDefaults } from '@loopwell/sdoh';
import type { ConsoleTexts } from '../texts/en.ts';
import type { SiteVersion, SiteView } from './site.ts';
import type { SiteTexts } from './site-form.ts';

/** The content of the page of the site. */
export type SitePageView = {
  site: SiteView;
  /** What the form shows: what is stored, or what a person typed. */
  typed: SiteTexts;
  /** The rule that a field breaks, by its name. */
  errors: ReadonlyMap<string, string>;
  /** What became of the form that was sent. */
  outcome: 'saved' | 'stale' | 'wrong' | undefined;
  versions: readonly SiteVersion[];
};

type FieldName = keyof SiteTexts & keyof ConsoleTexts['site']['fields'];

/** Renders the settings of the site, with the form that changes them and their history. */
export function sitePage(view: SitePageView, texts: ConsoleTexts): Html {
  const { site: words } = texts;
  return html`${outcomeNotice(view, texts)}
<p>${words.intro}</p>
<form method="post" action="/console/site">
  ${hiddenField('version', String(view.site.version))}
  ${formFields(view, texts)}
  ${button({ label: words.save, kind: 'primary' })}
</form>
<h2>${words.history.title}</h2>
${historyTable(view.versions, texts)}
`;
}

function outcomeNotice({ outcome, site }: SitePageView, { site: words, formats }: ConsoleTexts) {
  if (outcome === 'saved') return notice('done', words.saved);
  if (outcome === 'wrong') return notice('problem', words.wrong);
  if (outcome !== 'stale') return undefined;
  return notice('problem', words.stale(site.changedBy ?? '–', formats.instant(site.changedAt)));
}

/** Gives what each kind of field needs, by the field's name. */
function fieldMaker(view: SitePageView, words: ConsoleTexts['site']) {
  return (name: FieldName, preset?: string | number) => ({
    id: `site-${name}`,
    name,
    label: words.fields[name],
    hint: hintOf(view, name, words, preset),
    error: view.errors.get(name),
    text: view.typed[name],
    chosen: view.typed[name],
    maxlength: 500,
  });
}

function formFields(view: SitePageView, { site: words }: ConsoleTexts): Html {
  const { parts } = words;
  return html`${part(parts.identity, identityFields(view, words))}
  ${part(parts.consent, consentFields(view, words))}
  ${part(parts.deadlines, deadlineFields(view, words))}
  ${part(parts.keeping, keepingFields(view, words))}`;
}

const part = (title: string, content: Html): Html =>
  html`<fieldset>
    <legend>${title}</legend>
    ${content}
  </fieldset>`;

function identityFields(view: SitePageView, words: ConsoleTexts['site']): Html {
  const field = fieldMaker(view, words);
  const options = [{ code: '', label: words.machineZone }, ...zones()];
  return fields(
    textField(field('name', siteDefaults.name)),
    textField(field('phone')),
    textField(field('advocateLine', siteDefaults.advocateLine)),
    selectField({ ...field('timeZone'), options }),
    textField(field('identifierSystem')),
  );
}

function consentFields(view: SitePageView, words: ConsoleTexts['site']): Html {
  const field = fieldMaker(view, words);
  const spokenPolicy = field('spokenConsentPolicy');
  const state = field('state');
  const options = [
    { code: 'false', label: words.no },
    { code: 'true', label: words.yes },
  ];
  return fields(
    textField(field('consentPolicy')),
    textField(field('longestConsentDays', siteDefaults.longestConsentDays)),
    textField(field('minorAge', siteDefaults.minorAge)),
    selectField({ ...field('contactFromChart'), options }),
    textField({ ...state, hint: state.hint ?? words.noState }),
    textField(field('tryBudget', siteDefaults.tryBudget)),
    textField({ ...spokenPolicy, hint: spokenPolicy.hint ?? words.spokenIsAgreement }),
    textField(field('spokenConsentAuthor')),
    textField(field('protectedAddress', siteDefaults.protectedAddress)),
  );
}

function deadlineFields(view: SitePageView, words: ConsoleTexts['site']): Html {
  const field = fieldMaker(view, words);
  return fields(
    textField(field('acceptBy', siteDefaults.acceptBy)),
    textField(field('decideBy', siteDefaults.decideBy)),
    textField(field('readAfterEnd', siteDefaults.readAfterEnd)),
    textField(field('undoFor', siteDefaults.undoFor)),
    textField(field('tellWithoutHelp', siteDefaults.tellWithoutHelp)),
  );
}

function keepingFields(view: SitePageView, words: ConsoleTexts['site']): Html {
  const field = fieldMaker(view, words);
  const kept = (name: 'keepPeople' | 'keepViews') => {
    const made = field(name);
    return textField({ ...made, hint: made.hint ?? words.keptForGood });
  };
  return fields(kept('keepPeople'), kept('keepViews'));
}

/** Says what is stored where somebody else changed it meanwhile, and otherwise the default. */
function hintOf(
  { outcome, site, typed }: SitePageView,
  name: FieldName,
  words: ConsoleTexts['site'],
  preset: string | number | undefined,
): string | undefined {
  const stored = name === 'identifierSystem' ? site.identifierSystem : site.fields[name];
  const text = stored === null || stored === undefined ? '' : String(stored);
  if (outcome === 'stale' && text !== typed[name]) return words.nowStored(text);
  return preset === undefined ? undefined : words.preset(String(preset));
}

const zones = () => Intl.supportedValuesOf('timeZone').map((zone) => ({ code: zone, label: zone }));

function historyTable(versions: readonly SiteVersion[], texts: ConsoleTexts): Html {
  const { site: words, formats } = texts;
  if (versions.length === 0) return html`<p>${words.history.none}</p>`;
  const nameOf = (name: string) => words.fields[name as FieldName] ?? name;
  return table(
    versions,
    [
      headerColumn(words.history.when, ({ at }: SiteVersion) => formats.instant(at)),
      column(words.history.who, ({ by }: SiteVersion) => by),
      column(words.history.what, ({ changed }: SiteVersion) => changed.map(nameOf).join(', ')),
    ],
    { text: words.history.latest, isHint: true },
  );
}
