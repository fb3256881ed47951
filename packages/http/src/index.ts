export { addContract, addDocs } from './api.ts';
export { type App, type AppOptions, createApp, finish, type Handler, type Method, type NavItem } from './app.ts';
export { listen } from './listen.ts';
export { addMetrics, type Measure } from './metrics.ts';
export { type FindAccess, type Guard, hasRole, type Principal, sessionCookie } from './principal.ts';
export { addSignIn, type SignInDoors, type SignInOptions } from './sign-in.ts';
export { ageOf, createViews, type Page, type Views } from './views.ts';
