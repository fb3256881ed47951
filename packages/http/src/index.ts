export { type App, type AppOptions, createApp, finish, type Handler, listen } from './app.ts';
export { type FindAccess, type Guard, type Principal, sessionCookie } from './principal.ts';
