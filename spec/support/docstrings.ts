import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(__dirname, '../..');

/** A fenced block of a page or of a docstring. */
export interface Block {
  /** The file it stands in, below the root. */
  file: string;
  /** The line of its first line, from 1. */
  line: number;
  /** The line before the fence: what the page says of the block, or nothing. */
  before: string;
  text: string;
}

/** The blocks of a language in a file: those of its docstrings, if it is code. */
export function blocksOf(file: string, language = 'ts'): Block[] {
  const prefix = file.endsWith('.ts') ? /^\s*\* ?/ : /^/;
  const blocks: Block[] = [];
  let open: Block | undefined;
  let before = '';
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      const text = line.replace(prefix, '');
      if (open && text === '```') open = undefined;
      else if (open) open.text += `${text}\n`;
      else if (text === `\`\`\`${language}` && prefix.test(line)) {
        blocks.push((open = { file, line: index + 2, before, text: '' }));
      }
      if (text.trim() !== '') before = text;
    });
  return blocks;
}

/** The files of lib that are written by hand, below the root. */
export function librarySources(): string[] {
  return filesBelow('lib').filter((file) => file.endsWith('.ts') && dirname(file) !== join('lib', 'openai'));
}

/** All files of a folder and of its folders, below the root, without those that are installed or written by a program. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)(node_modules|docs\/api)\//.test(file));
}
