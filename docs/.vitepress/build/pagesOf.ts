import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { docs } from './folders.ts';

/** A line of the sidebar. */
export interface PageLink {
  text: string;
  link: string;
}

/**
 * The pages of a folder of docs for the sidebar, by their first headings. They stand in the order of `order:` in their
 * front matter, then of their file names; an index or a README comes first. A folder that is not there has none.
 */
export function pagesOf(folder: string): PageLink[] {
  const path = join(docs, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((file) => file.endsWith('.md'))
    .map((file) => readPage(folder, file))
    .sort((a, b) => a.order - b.order || a.link.localeCompare(b.link, 'en', { numeric: true }))
    .map(({ text, link }) => ({ text, link }));
}

function readPage(folder: string, file: string): PageLink & { order: number } {
  const source = readFileSync(join(docs, folder, file), 'utf8');
  const [, text] = /^# (.*)$/m.exec(source) ?? [];
  if (!text) throw new Error(`docs/${folder}/${file} has no heading of the first level`);
  const [, order = 'Infinity'] = /^---\n(?:.*\n)*?order: *(\d+)$/m.exec(source) ?? [];
  const isIndex = /^(index|README)\.md$/.test(file);
  return {
    text: plainText(text),
    link: `/${folder}/${isIndex ? '' : file.replace(/\.md$/, '')}`,
    order: isIndex ? 0 : Math.min(Number(order), Number.MAX_SAFE_INTEGER),
  };
}

/** A heading without its signs of code, and of a name its parentheses and type parameters: the sidebar takes HTML. */
function plainText(heading: string): string {
  return heading.replaceAll(/[`\\]/g, '').replace(/(?<=^\w+)(\(\)|<.*>)+$/, '');
}
