export { addConsoleRoutes, type ConsoleDeps, consoleContract } from './console.route.ts';
export { descriptions } from './open.ts';
