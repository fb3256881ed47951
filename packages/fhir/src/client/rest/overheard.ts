import type { Dispatcher } from 'undici';

/**
 * A dispatcher for one request that keeps the answer's text, byte by byte. fhir-kit-client parses
 * it by JSON.parse, which takes the last of two members of one name in silence. The bytes here are
 * unpacked and within their size already.
 */
export type Overheard = {
  dispatcher: Dispatcher;
  /** The text of the answer, as it was parsed. */
  text: () => string;
};

/** Creates such a dispatcher around another one. */
export function overheard(dispatcher: Dispatcher): Overheard {
  let parts: Buffer[] = [];
  const listening = dispatcher.compose((dispatch) => (options, handler) => {
    const listener: Dispatcher.DispatchHandler = {
      onRequestStart: (...all) => handler.onRequestStart?.(...all),
      onRequestUpgrade: (...all) => handler.onRequestUpgrade?.(...all),
      onResponseStart: (...all) => {
        parts = [];
        return handler.onResponseStart?.(...all);
      },
      onResponseData: (...all) => {
        parts.push(Buffer.from(all[1]));
        return handler.onResponseData?.(...all);
      },
      onResponseEnd: (...all) => handler.onResponseEnd?.(...all),
      onResponseError: (...all) => handler.onResponseError?.(...all),
    };
    return dispatch(options, listener);
  });
  return { dispatcher: listening, text: () => Buffer.concat(parts).toString('utf8') };
}
