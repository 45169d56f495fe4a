import { styleText } from 'node:util';

let isLineOpen = false;

/** The terminal: the answer as it comes, and lines around it, each of which begins on a line of its own. */
export const terminal = {
  /** A piece of the answer. */
  write(text: string): void {
    process.stdout.write(text);
    if (text !== '') isLineOpen = !text.endsWith('\n');
  },

  /** A line that belongs to the answer. */
  line(text: string): void {
    closeLine();
    process.stdout.write(`${text}\n`);
  },

  /** A line about the demo itself: dim, and kept out of the output. */
  note(text: string): void {
    closeLine();
    process.stderr.write(`${styleText('dim', text, { stream: process.stderr })}\n`);
  },

  /** A line that says what went wrong. */
  problem(text: string): void {
    closeLine();
    process.stderr.write(`${text}\n`);
  },
};

function closeLine(): void {
  if (isLineOpen) terminal.write('\n');
}

// The reader of a pipe has gone, as in `npm run demo | head`: there is nobody to write for.
process.stdout.on('error', () => process.exit());
