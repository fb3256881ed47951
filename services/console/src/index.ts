export { addConsoleRoutes, type ConsoleDeps, consoleContract } from './console.route.ts';
