export { type EhrSettings, type Intake, type IntakeSettings, wire } from './service.ts';
