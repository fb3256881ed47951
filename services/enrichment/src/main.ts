import { serve } from '@loopwell/http';
import { readConfig } from '@loopwell/kit';
import { EnrichmentConfig, secretFiles } from './config.ts';
import { open } from './open.ts';

await serve(async () => open(readConfig(EnrichmentConfig, process.env, secretFiles)));
