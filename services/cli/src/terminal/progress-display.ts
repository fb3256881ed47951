import type { WriteStream } from 'node:tty';

/**
 * The display of progress: sentences that stay, and on a terminal a block below them that is
 * redrawn in place.
 */
export type Screen = {
  isLive: boolean;
  /** Whether to color: the terminal can, and its owner wants it (NO_COLOR). */
  isColoured: boolean;
  say: (sentence: string) => void;
  draw: (lines: readonly string[]) => void;
};

type Out = Pick<WriteStream, 'write'> & {
  isTTY?: boolean;
  columns?: number;
  rows?: number;
  hasColors?: () => boolean;
};

const clearBlock = (height: number) => (height > 0 ? `\u001b[${height}A\u001b[0J` : '');

/** Opens the display of progress on a stream. */
export function openScreen(out: Out): Screen {
  let block: readonly string[] = [];
  const isLive = out.isTTY === true;
  const shown = () => block.map((line) => `${cut(line, (out.columns ?? 80) - 1)}\n`).join('');
  return {
    isLive,
    isColoured: isLive && (out.hasColors?.() ?? false),
    say(sentence) {
      out.write(isLive ? `${clearBlock(block.length)}${sentence}\n${shown()}` : `${sentence}\n`);
    },
    draw(lines) {
      if (!isLive) return;
      const before = block.length;
      // A block that is taller than the window could not be redrawn.
      block = lines.slice(0, Math.max(0, (out.rows ?? 24) - 2));
      out.write(`${clearBlock(before)}${shown()}`);
    },
  };
}

/** Cuts a line to a width. Color codes take no room and stay complete. */
function cut(line: string, width: number): string {
  let room = width;
  let text = '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    const isColour = part.startsWith('\u001b[');
    text += isColour ? part : part.slice(0, room);
    if (!isColour) room = Math.max(0, room - part.length);
  }
  return text;
}
