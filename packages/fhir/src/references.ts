/** A literal reference taken apart; `base` is absent for relative ones. */
export type ParsedReference = { base?: string; type: string; id: string; versionId?: string };

const literal = /^(?:(https?:\/\/.+?)\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

/**
 * Takes a literal reference apart (R4 references.html#literal). Conditional (`Practitioner?identifier=…`), contained
 * (`#x`), urn: and logical references give undefined: they cannot be followed by type and id.
 */
export function parseReference(reference: string | undefined): ParsedReference | undefined {
  const match = reference === undefined ? null : literal.exec(reference);
  if (!match) return undefined;
  const [, base, type, id, versionId] = match as unknown as [string, string?, string?, string?, string?];
  return { ...(base && { base }), type: type ?? '', id: id ?? '', ...(versionId && { versionId }) };
}

/**
 * Id that a reference points to within one server, or undefined when it points elsewhere or to another type.
 *
 * @param base the server's FHIR base, without a trailing slash; absolute references must start with it
 */
export function localId(reference: string | undefined, type: string, base: string): string | undefined {
  const parsed = parseReference(reference);
  if (parsed?.type !== type) return undefined;
  return parsed.base === undefined || parsed.base === base ? parsed.id : undefined;
}

/** FHIR base addresses are compared and joined without their trailing slash. */
export function trimBase(base: string): string {
  return base.replace(/\/+$/, '');
}
