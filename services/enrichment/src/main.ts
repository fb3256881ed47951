import { runService } from '@loopwell/service';
import { enrichment } from './module.ts';

await runService(enrichment, process.env);
