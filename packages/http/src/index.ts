export { addContract, addDocs } from './api.ts';
export {
  type App,
  type AppOptions,
  type Checks,
  createApp,
  finish,
  type Handler,
  type Method,
} from './app.ts';
export { type Problem, RequestProblems } from './errors.ts';
export { ageOf } from './formats.ts';
export { listen } from './listen.ts';
export { menu } from './menu.ts';
export { addMetrics, type Measure } from './metrics.ts';
export {
  type FindAccess,
  type Guard,
  hasRole,
  type Principal,
  sessionCookie,
} from './principal.ts';
export { parseProxies, proxiesRule } from './proxies.ts';
export { endOnUncaught, type Opened, serve } from './serve.ts';
export { addSignIn, type SignInDoors, type SignInOptions } from './sign-in.ts';
export { createPartials, createViews, type Page, type Views } from './views.ts';
