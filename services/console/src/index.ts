export { descriptions } from './open.ts';
export { addConsoleRoutes, type ConsoleDeps, consoleContract } from './console.route.ts';
