export { type EhrQuality, readQuality } from './data-quality/quality.ts';
export { type EnrichmentModuleSettings, enrichment } from './module.ts';
export { asksKnown, mayBeAnswer } from './preview/asks-known.ts';
export { codeBytes, codeInput } from './preview/code-items.ts';
export { type Coded, refused } from './preview/coded.ts';
export { type Comparison, compareTables, compareWithStored } from './recode/compare.ts';
export { recodeEverybody } from './recode/recode.ts';
export { type TableVersion, tablesFrom, tableVersion } from './recode/tables.ts';
export { type Enrichment, type EnrichmentSettings, wire } from './service.ts';
