import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { mapDefined } from '../defined.ts';
import type * as fhir4 from '../types.ts';

/** A resource as it comes in: checked for its type, and for nothing else. */
export type Incoming = {
  resourceType: string;
  id?: string | undefined;
  meta?: fhir4.Meta | undefined;
  [isDeletion]?: true;
};

/** Marks an entry of a Bundle that says what was deleted: a type and an id, and nothing else. */
export const isDeletion: unique symbol = Symbol('deletion');

export type Stored = fhir4.Resource & {
  id: string;
  meta: fhir4.Meta & { versionId: string; lastUpdated: string };
} & Record<string, unknown>;

/**
 * Stores the resources of one fake server: in memory, with a journal that is written before an
 * answer goes out, so that they survive the kill of its process. It keeps count of what it was
 * asked to create.
 */
export class ResourceStore {
  readonly #resources = new Map<string, Map<string, Stored>>();
  readonly #listed = new Map<string, readonly Stored[]>();
  readonly #byIdentifier = new Map<string, Set<string>>();
  readonly #creates = new Map<string, number>();
  #handle: number | undefined;
  #lastTime = 0;

  constructor(file?: string) {
    if (file === undefined) return;
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) this.#replay(file);
    this.#handle = openSync(file, 'a');
  }

  #replay(file: string): void {
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue;
      try {
        const stored = JSON.parse(line) as { put?: Stored; create?: string };
        if (stored.put) this.#keep(stored.put);
        if (stored.create)
          this.#creates.set(stored.create, (this.#creates.get(stored.create) ?? 0) + 1);
      } catch {
        // The last line of a killed process may be torn: it was never answered for.
      }
    }
  }

  #journal(line: object): void {
    if (this.#handle !== undefined) writeSync(this.#handle, `${JSON.stringify(line)}\n`);
  }

  #keep(resource: Stored): void {
    const byId = this.#resources.get(resource.resourceType) ?? new Map<string, Stored>();
    // Moved to the end: the map stays in order of `_lastUpdated`.
    byId.delete(resource.id);
    byId.set(resource.id, resource);
    this.#resources.set(resource.resourceType, byId);
    this.#listed.delete(resource.resourceType);
    for (const key of identifierKeys(resource))
      this.#byIdentifier.set(key, (this.#byIdentifier.get(key) ?? new Set()).add(resource.id));
    this.#lastTime = Math.max(this.#lastTime, Date.parse(resource.meta.lastUpdated));
  }

  /** Stores a version; its time is never earlier than that of the one before. */
  put(resource: Incoming, id = resource.id ?? randomUUID()): Stored {
    const before = this.get(resource.resourceType, id);
    const versionId = String(Number(before?.meta.versionId ?? 0) + 1);
    this.#lastTime = Math.max(Date.now(), this.#lastTime);
    const lastUpdated = new Date(this.#lastTime).toISOString();
    const stored = {
      ...resource,
      id,
      meta: { ...resource.meta, versionId, lastUpdated },
    } as Stored;
    this.#journal({ put: stored });
    this.#keep(stored);
    return stored;
  }

  /** Counts one request to create an identifier. */
  noteCreate(key: string): void {
    this.#journal({ create: key });
    this.#creates.set(key, (this.#creates.get(key) ?? 0) + 1);
  }

  get(type: string, id: string): Stored | undefined {
    return this.#resources.get(type)?.get(id);
  }

  /**
   * Lists resources in order of `_lastUpdated`; the same array until something of the type is
   * written.
   */
  all(type: string): readonly Stored[] {
    const listed = this.#listed.get(type) ?? [...(this.#resources.get(type)?.values() ?? [])];
    this.#listed.set(type, listed);
    return listed;
  }

  /**
   * Lists resources that have, or once had, an identifier with this value: a few candidates instead
   * of everything.
   */
  withIdentifier(type: string, identifier: string): Stored[] {
    return [...(this.#byIdentifier.get(`${type} ${identifier}`) ?? [])].flatMap(
      (id) => this.get(type, id) ?? [],
    );
  }

  /** Counts the resources of each type. */
  types(): Record<string, number> {
    return Object.fromEntries([...this.#resources].map(([type, byId]) => [type, byId.size]));
  }

  /** Returns how often each identifier was asked to be created. */
  creates(): Record<string, number> {
    return Object.fromEntries(this.#creates);
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }
}

function identifierKeys(resource: Stored): string[] {
  const identifiers = [resource.identifier].flat() as ({ value?: unknown } | undefined)[];
  return mapDefined(identifiers, (identifier) =>
    typeof identifier?.value === 'string'
      ? `${resource.resourceType} ${identifier.value}`
      : undefined,
  );
}
