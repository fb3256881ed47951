export { type Host, openHost } from './host.ts';
export { bounceFields, mailFields, mailOf, textFields, textsOf } from './message-config.ts';
export {
  defineService,
  environmentOf,
  type Hosted,
  hosted,
  type Resources,
  type ServiceModule,
  type Wired,
} from './module.ts';
export type { HostOptions } from './options.ts';
export type { CodesChosen } from './records/codes-chosen.ts';
export { findSite } from './records/coding-choices.ts';
export {
  codingPrincipal,
  type Loaded,
  loadRecords,
  type Reading,
} from './records/person-records.ts';
export { runService } from './run-service.ts';
export { endOnUncaught } from './serve.ts';
export {
  type FormerSettings,
  refuseFormerNames,
  siteFieldsOf,
  tenantField,
} from './shared-config.ts';
export { fieldsOfSite, type Site } from './site.ts';
export { stageDeps } from './stage-deps.ts';
