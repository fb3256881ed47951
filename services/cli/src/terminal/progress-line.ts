/**
 * Progress of long work on stderr: one line that is rewritten on a terminal, or a new line every
 * ten seconds elsewhere.
 */
export type ProgressLine = { show: (count: number) => void; end: () => void };

/**
 * Opens a progress line.
 * @param noun the counted things, such as "people compared"
 */
export function openProgressLine(noun: string): ProgressLine {
  const isTerminal = process.stderr.isTTY === true;
  const intervalMs = isTerminal ? 200 : 10_000;
  let lastShownAt = Date.now();
  let isLineOpen = false;
  return {
    show(count) {
      if (Date.now() - lastShownAt < intervalMs) return;
      lastShownAt = Date.now();
      isLineOpen = isTerminal;
      process.stderr.write(isTerminal ? `\r${count} ${noun} …` : `${count} ${noun}\n`);
    },
    end() {
      if (isLineOpen) process.stderr.write('\n');
    },
  };
}
