import { withoutUndefined } from './defined.ts';
/** A literal reference taken apart; `base` is absent for relative ones. */
export type ParsedReference = {
  base?: string;
  type: string;
  id: string;
  versionId?: string;
};

const literal =
  /^(?:(https?:\/\/.+?)\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

/**
 * Takes a literal reference apart (R4 references.html#literal). Conditional
 * (`Practitioner?identifier=…`), contained (`#x`), urn: and logical references give undefined: they
 * cannot be followed by type and id.
 */
export function parseReference(reference: string | undefined): ParsedReference | undefined {
  const match = reference === undefined ? null : literal.exec(reference);
  if (!match) return undefined;
  const [, base, type, id, versionId] = match as unknown as [
    string,
    string?,
    string?,
    string?,
    string?,
  ];
  return {
    ...withoutUndefined({ base: base || undefined }),
    type: type ?? '',
    id: id ?? '',
    ...withoutUndefined({ versionId: versionId || undefined }),
  };
}

/** A reference as servers write it. `path` is the part before the type, if there is no host. */
export type WrittenReference = ParsedReference & { path?: string };

/**
 * Takes apart a reference that a server wrote in its own way, if it can mean only one thing. It may
 * have spaces around it, a slash at its end, or a path before it (`/Task/1`, `./Task/1`,
 * `../Task/1`, `/fhir/Task/1`). A caller that follows the reference has to check that a named path
 * is a part of the base.
 */
export function parseWritten(reference: string | undefined): WrittenReference | undefined {
  const text = reference?.trim().replace(/\/+$/, '');
  const parsed = parseReference(text);
  if (parsed) return parsed;
  const [, path = '', rest] =
    /^((?:[A-Za-z0-9\-._~]*\/)+?)([A-Z][A-Za-z]+\/.+)$/.exec(text ?? '') ?? [];
  const inner = parseReference(rest);
  const names = path.split('/').filter((one) => !['', '.', '..'].includes(one));
  if (inner === undefined || path.startsWith('//')) return undefined;
  return {
    ...inner,
    ...withoutUndefined({ path: names.length > 0 ? names.join('/') : undefined }),
  };
}

/**
 * Gives the id that a reference points to within one server; undefined if it points elsewhere or to
 * another type.
 *
 * @param base the server's FHIR base, without a trailing slash; absolute references must start with
 * it
 */
export function localId(
  reference: string | undefined,
  type: string,
  base: string,
): string | undefined {
  const parsed = parseReference(reference);
  if (parsed?.type !== type) return undefined;
  return parsed.base === undefined || parsed.base === base ? parsed.id : undefined;
}

/**
 * Gives the id of the Patient that a reference may mean, at any address and with its type in any
 * case. It is for Consents that may refuse, never for a permission.
 */
export function patientIdIn(reference: string): string | undefined {
  return /(?:^|\/)patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?\/*$/i.exec(
    reference.trim(),
  )?.[1];
}

/** Removes trailing slashes of a FHIR base, so that bases can be compared and joined. */
export function trimBase(base: string): string {
  return base.replace(/\/+$/, '');
}
