import type { Forms } from '@loopwell/ehrs';
import type { SearchForm } from '@loopwell/sdoh';
import { type Database, searchForms } from '@loopwell/store';

/** The known forms of search of each EHR. */
export type KnownForms = { formsOf: (connection: string) => Promise<Forms> };

/**
 * Creates the store of search forms that worked. They are rows, so that the next run and other
 * processes use them at once; here they are kept in memory while the process lives.
 */
export function createForms(db: Database): KnownForms {
  const opened = new Map<string, Promise<Map<string, SearchForm>>>();
  const keyOf = (type: string, byPatient: boolean) => `${type}/${byPatient}`;
  const load = async (connection: string) =>
    new Map(
      (await searchForms.loadForms(db, connection)).map((formRow) => [
        keyOf(formRow.type, formRow.byPatient),
        formRow.form,
      ]),
    );
  return {
    async formsOf(connection) {
      const loading = opened.get(connection) ?? load(connection);
      opened.set(connection, loading);
      const formByKey = await loading.catch((error: unknown) => {
        opened.delete(connection);
        throw error;
      });
      return {
        formOf: (type, byPatient) => formByKey.get(keyOf(type, byPatient)),
        async learn(type, byPatient, form, { status, issueCode }) {
          formByKey.set(keyOf(type, byPatient), form);
          await searchForms.saveForm(
            db,
            { connection, type, byPatient, form },
            {
              status: typeof status === 'number' ? status : undefined,
              issueCode: typeof issueCode === 'string' ? issueCode : undefined,
            },
          );
        },
      };
    },
  };
}
