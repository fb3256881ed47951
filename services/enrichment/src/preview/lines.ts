import { StringDecoder } from 'node:string_decoder';

/** More than this for one Bundle is no Bundle: memory stays bounded whatever comes. Characters. */
export const longestLine = 128 * 1024 * 1024;

/**
 * Lines as they come, without their ends.
 *
 * @returns undefined for a line of more than `limit` characters, which is read over
 */
export async function* linesOf(input: AsyncIterable<unknown>, limit = longestLine): AsyncIterable<string | undefined> {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let length = 0;
  const take = (part: string) => {
    length += part.length;
    if (length <= limit) parts.push(part);
    else parts = [];
  };
  const line = () => {
    const text = length > limit ? undefined : parts.join('').replace(/\r$/, '');
    [parts, length] = [[], 0];
    return text;
  };
  for await (const chunk of input) {
    const text = decoder.write(chunk as Buffer);
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      take(text.slice(from, end));
      from = end + 1;
      yield line();
    }
    take(text.slice(from));
  }
  take(decoder.end());
  if (length > 0) yield line();
}
