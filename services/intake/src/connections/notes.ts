import type { Log } from '@loopwell/kit';
import { connectionNotes, type Tx } from '@loopwell/store';
import { missingScopes } from './smart-scopes.ts';

export type NotePlace = { id: string; tenant: string };

/**
 * Notes on a whole connection that a client learns. They are kept for operators and printed once.
 */
export type Notes = {
  /**
   * Notes that the EHR locks us out until an instant; without an instant, that it answers again.
   */
  waits: (place: NotePlace, until: Date | undefined) => void;
  /** Notes the scopes that came with a token. */
  granted: (place: NotePlace, scopes: string) => void;
  /** Resolves when all notes are saved. */
  kept: () => Promise<unknown>;
};

/** Creates the notes on connections: it prints them and saves them in the database. */
export function createNotes(deps: {
  db: Tx;
  log: Log;
  tell: (sentence: string) => void;
  writeBack: boolean;
}): Notes {
  const last = new Map<string, Promise<void>>();
  const ends = new Map<string, number>();
  /**
   * Runs the work of each connection in order, so that the end of a lockout does not overtake its
   * beginning.
   */
  const later = (place: NotePlace, work: () => Promise<void>) => {
    const before = last.get(place.id) ?? Promise.resolve();
    const next = before
      .then(work)
      .catch((error) => deps.log.error('A note on a connection could not be kept', error));
    last.set(place.id, next);
  };
  const keep = (place: NotePlace, kind: 'locked-out' | 'scopes', says: string, until?: Date) => {
    deps.tell(says);
    later(place, () =>
      connectionNotes.saveNote(deps.db, {
        tenant: place.tenant,
        connection: place.id,
        kind,
        says,
        until,
      }),
    );
  };
  const drop = (place: NotePlace, kind: 'locked-out' | 'scopes') =>
    later(place, () => connectionNotes.dropNote(deps.db, place.id, kind));
  return {
    waits(place, until) {
      const end = ends.get(place.id) ?? 0;
      ends.set(place.id, until?.getTime() ?? 0);
      if (until === undefined) drop(place, 'locked-out');
      // Requests that were out at the same time are refused at the same time. One note covers them.
      else if (until.getTime() - end > 2_000) keep(place, 'locked-out', waiting(until), until);
    },
    granted(place, scopes) {
      const says = missingScopes(scopes, deps.writeBack);
      if (says === undefined) drop(place, 'scopes');
      else keep(place, 'scopes', says);
    },
    kept: () => Promise.all(last.values()),
  };
}

const waiting = (until: Date) =>
  `The EHR locks us out and asks us to wait until ${until.toISOString().slice(0, 19)}Z: it ` +
  'is asked nothing before, and reading goes on by itself then.';
