/** One line on stderr for work that takes long, rewritten in a terminal, every ten seconds elsewhere. */
export function progressLine(what: string): { tell: (count: number) => void; end: () => void } {
  const isTerminal = process.stderr.isTTY === true;
  const everyMs = isTerminal ? 200 : 10_000;
  let told = Date.now();
  let isOpen = false;
  return {
    tell(count) {
      if (Date.now() - told < everyMs) return;
      told = Date.now();
      isOpen = isTerminal;
      process.stderr.write(isTerminal ? `\r${count} ${what} …` : `${count} ${what}\n`);
    },
    end() {
      if (isOpen) process.stderr.write('\n');
    },
  };
}
