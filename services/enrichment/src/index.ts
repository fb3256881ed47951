export { type Enrichment, type EnrichmentSettings, wire } from './service.ts';
