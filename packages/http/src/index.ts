export type { Request, Response } from 'express';
export { addContract, addDocs } from './api.ts';
export {
  type App,
  type AppOptions,
  createApp,
  finish,
  type Handler,
  type Method,
  type SignedHandler,
} from './app.ts';
export { type BodyCheck, bodyCheck } from './body-check.ts';
export { type Fact, facts, time } from './components/facts.ts';
export {
  type Button,
  button,
  enterDoesNothing,
  fields,
  hiddenField,
  type Option,
  selectField,
  textArea,
  textField,
} from './components/fields.ts';
export { addressOf, pager, tabs } from './components/navigation.ts';
export { notice } from './components/notice.ts';
export {
  type Column,
  column,
  dayColumn,
  headerColumn,
  numberColumn,
  table,
} from './components/table.ts';
export { type Problem, RequestProblems } from './errors.ts';
export type { Checks } from './health.ts';
export { attributes, type Html, html, type Part } from './html/html.ts';
export type { KeptForm, LateForms, SentForm } from './late-forms.ts';
export { listen } from './listen.ts';
export { addMetrics, type Measure } from './metrics.ts';
export { menu } from './pages/menu.ts';
export { createPages, type Page, type Pages } from './pages/pages.ts';
export { addSignIn, type SignInDoors, type SignInOptions } from './pages/sign-in.ts';
export {
  type FindAccess,
  type Guard,
  hasRole,
  type Principal,
  sessionCookie,
} from './principal.ts';
export { parseProxies, proxiesRule } from './proxies.ts';
export { ageOf, type Formats, intlFormats, zoneName } from './texts/formats.ts';
