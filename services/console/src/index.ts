export { addConsoleRoutes, type ConsoleDeps } from './console.route.ts';
export { consoleService } from './module.ts';
export { readMeasures } from './status/measures.ts';
