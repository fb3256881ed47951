export { addConnectionRoutes, intakeContract } from './connections/connections.route.ts';
export { scopesFor } from './connections/smart-scopes.ts';
export { type EhrSettings, type Intake, type IntakeSettings, wire } from './service.ts';
