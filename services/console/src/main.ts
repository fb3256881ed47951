import { runService } from '@loopwell/service';
import { consoleService } from './module.ts';

await runService(consoleService, process.env);
