import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../..');

/** A fenced block of a page or of a docstring. */
export interface Block {
  /** The file it stands in, below the root. */
  file: string;
  /** The line of its first line, from 1. */
  line: number;
  text: string;
}

/**
 * The blocks of a language in a file: those of its docstrings, if it is code. One that is fenced `ts continued` goes on from
 * the block before it on the page, and is read as both together.
 */
export function blocksOf(file: string, language = 'ts', source = readFileSync(join(root, file), 'utf8')): Block[] {
  const prefix = file.endsWith('.ts') ? /^\s*\* ?/ : /^/;
  const blocks: Block[] = [];
  let open: Block | undefined;
  source.split('\n').forEach((line, index) => {
    const text = line.replace(prefix, '');
    if (open && text === '```') open = undefined;
    else if (open) open.text += `${text}\n`;
    else if (text === `\`\`\`${language}` && prefix.test(line)) {
      blocks.push((open = { file, line: index + 2, text: '' }));
    } else if (text === `\`\`\`${language} continued`) {
      const before = blocks.pop();
      if (!before) throw new Error(`${file}:${index + 1}: there is no block to continue`);
      // Its lines keep their numbers: what stands between the two is left blank.
      const blank = '\n'.repeat(index + 1 - before.line - before.text.split('\n').length + 2);
      blocks.push((open = { file, line: before.line, text: before.text + blank }));
    }
  });
  return blocks;
}

/** The files of lib that are written by hand, below the root. */
export function librarySources(): string[] {
  return filesBelow('lib').filter((file) => file.endsWith('.ts') && dirname(file) !== join('lib', 'openai'));
}

/** All files of a folder and of its folders, below the root, without those that are installed or written by a program. */
export function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return path;
    return entry.name === 'node_modules' || path === join('docs', 'api') ? [] : filesBelow(path);
  });
}
