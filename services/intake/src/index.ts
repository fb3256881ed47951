export { addConnectionRoutes, intakeContract } from './connections/connections.route.ts';
export { scopesFor } from './connections/scopes.ts';
export { type EhrSettings, type Intake, type IntakeSettings, wire } from './service.ts';
