export { addConsoleRoutes, consoleContract, type ConsoleDeps } from './console.route.ts';
