export { default as supertest } from 'supertest';
export {
  accessibilityProblems,
  type Browser,
  chromiumPath,
  fitsItsWindow,
  openBrowser,
  type Page,
  smallTargets,
} from './browser.ts';
export { harmless } from './consent-harmless.ts';
export { type Mutation, takingAway, unreadable } from './consent-mutants.ts';
export { ordering, permitting, pursuing } from './consent-samples.ts';
export { queueUrl, testDatabase } from './database.ts';
export { type Dice, diceOf } from './json-dice.ts';
export {
  idOfText,
  insertListedPeople,
  type ListedPerson,
  type ListedPersonNeed,
} from './listed-people.ts';
export { insertTask, newTask } from './new-task.ts';
export { totalsAndRecount } from './recount.ts';
export { rowsSource } from './rows-source.ts';
export { type Answer, type Bend, refusal, type StrictEhr, startStrictEhr } from './strict-ehr.ts';
export { type SuiteDatabase, suiteDatabase } from './suite-database.ts';
