/** Collects what has been opened so far, and closes it in the reverse order. */
export type Closing = {
  add: (close: () => Promise<void>) => void;
  close: () => Promise<void>;
};

/** Makes an empty `Closing`. */
export function createClosing(): Closing {
  const closers: (() => Promise<void>)[] = [];
  return {
    add: (close) => void closers.push(close),
    close: async () => {
      for (const close of closers.splice(0).reverse()) await close();
    },
  };
}
