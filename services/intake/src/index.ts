export { addConnectionRoutes } from './connections/connections.route.ts';
export { scopesFor } from './connections/smart-scopes.ts';
export { filesOf, type LoadProblem, readResources } from './files/read-files.ts';
export { type FileEhr, serveFiles } from './files/serve-files.ts';
export { type IntakeModuleSettings, intake } from './module.ts';
export { type EhrSettings, type Intake, type IntakeSettings, wire } from './service.ts';
