export { type EmbeddedServer, startEmbeddedServer } from './server.ts';
