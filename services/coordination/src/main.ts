import { runService } from '@loopwell/service';
import { coordination } from './module.ts';

await runService(coordination, process.env);
