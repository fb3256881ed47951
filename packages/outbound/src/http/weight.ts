/** The deepest nesting, and the most members of an object, that are read; FHIR needs far less. */
const [deepest, membersAtMost] = [5_000, 200_000];
/**
 * The least bytes of an object or list, on average. FHIR takes more; less is nothing but braces and
 * commas.
 */
const bytesPerContainer = 32;
const bytesPerValue = 16;

/**
 * Tells whether JSON costs much more than its bytes: parsed it would take gigabytes, or hold up the
 * process for minutes. It is told from the bytes, before they are parsed. What is no JSON weighs
 * nothing here.
 *
 * @param maxBytes as large as an answer of this kind may be; the larger, the more values it may
 * hold
 */
export function isTooHeavy(bytes: Uint8Array, maxBytes: number): boolean {
  let [containers, values, depth, index] = [0, 0, 0, 0];
  const [containersAtMost, valuesAtMost] = [maxBytes / bytesPerContainer, maxBytes / bytesPerValue];
  /** Members of each object that is open; below zero for a list, which may be long. */
  const members = new Int32Array(deepest + 2);
  while (index < bytes.length) {
    const byte = bytes[index];
    if (byte === 0x22) index = endOfString(bytes, index);
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      containers += 1;
      if (depth > deepest || containers > containersAtMost) return true;
      members[depth] = byte === 0x7b ? 1 : -1;
    } else if (byte === 0x7d || byte === 0x5d) depth = Math.max(0, depth - 1);
    else if (byte === 0x2c) {
      values += 1;
      const count = members[depth] ?? 0;
      if (count > 0) members[depth] = count + 1;
      if (values > valuesAtMost || count > membersAtMost) return true;
    }
    index += 1;
  }
  return false;
}

/** Returns the index of the closing quote, or the end of what there is. */
function endOfString(bytes: Uint8Array, start: number): number {
  let index = start + 1;
  while (index < bytes.length && bytes[index] !== 0x22) index += bytes[index] === 0x5c ? 2 : 1;
  return index;
}
