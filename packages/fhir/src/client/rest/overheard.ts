import type { Dispatcher } from 'undici';

/**
 * A dispatcher for one request that keeps what the answer says, byte by byte, beside whoever reads
 * it: fhir-kit-client parses it by JSON.parse, which takes the last of two members of one name in
 * silence. What comes through here is unpacked and within its size already.
 */
export type Overheard = {
  dispatcher: Dispatcher;
  /** The text of the answer, as it was parsed. */
  text: () => string;
};

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
