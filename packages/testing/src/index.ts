export { queueUrl, testDatabase } from './database.ts';
