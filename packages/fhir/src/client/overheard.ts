import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import type { Dispatcher } from 'undici';

/**
 * A dispatcher for one request that keeps what the answer says, byte by byte, beside whoever reads it: fhir-kit-client
 * parses it by JSON.parse, which takes the last of two members of one name in silence.
 */
export type Overheard = {
  dispatcher: Dispatcher;
  /** The text of the answer, as it was parsed; undefined where nothing came or it is packed in a way that we do not know. */
  text: () => string | undefined;
};

export function overheard(dispatcher: Dispatcher): Overheard {
  let parts: Buffer[] = [];
  let encoding = '';
  const listening = dispatcher.compose((dispatch) => (options, handler) => {
    const heard: Dispatcher.DispatchHandler = {
      onRequestStart: (...all) => handler.onRequestStart?.(...all),
      onRequestUpgrade: (...all) => handler.onRequestUpgrade?.(...all),
      onResponseStart: (...all) => {
        parts = [];
        encoding = String(all[2]['content-encoding'] ?? '').toLowerCase();
        return handler.onResponseStart?.(...all);
      },
      onResponseData: (...all) => {
        parts.push(Buffer.from(all[1]));
        return handler.onResponseData?.(...all);
      },
      onResponseEnd: (...all) => handler.onResponseEnd?.(...all),
      onResponseError: (...all) => handler.onResponseError?.(...all),
    };
    return dispatch(options, heard);
  });
  return { dispatcher: listening, text: () => unpacked(Buffer.concat(parts), encoding) };
}

/** Encodings as fetch undoes them, the last one applied first. */
function unpacked(bytes: Buffer, encoding: string): string | undefined {
  let plain = bytes;
  try {
    for (const one of encoding.split(',').reverse()) plain = unpack(plain, one.trim());
  } catch {
    return undefined;
  }
  return plain.toString('utf8');
}

function unpack(bytes: Buffer, encoding: string): Buffer {
  switch (encoding) {
    case '':
    case 'identity':
      return bytes;
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(bytes);
    case 'deflate':
      return inflateSync(bytes);
    case 'br':
      return brotliDecompressSync(bytes);
    default:
      throw new Error('Not known');
  }
}
