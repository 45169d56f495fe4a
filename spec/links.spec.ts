import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesBelow } from './support/docstrings';

const root = join(__dirname, '..');
const pages = ['README.md', ...['.github', '.changeset', 'docs'].flatMap(filesBelow)].filter((file) =>
  file.endsWith('.md'),
);

/** A page without its blocks of code, where brackets are no links. */
function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8').replace(/^```.*?^```$/gms, '');
}

/** What the headings of a page are reached by. */
function anchorsOf(file: string): string[] {
  return [...textOf(file).matchAll(/^#+ (.*?)(?: \{#(.*)\})?$/gm)].map(([, heading = '', id]) => {
    return (
      id ??
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-')
    );
  });
}

/** The file that a page leads to; what begins with a slash is an address of the site. */
function targetOf(path: string, file: string): string {
  if (path.startsWith('/')) return join('docs', `${path}.md`);
  return path ? join(dirname(file), path) : file;
}

/** The links of a page to other files, or to its own headings, that lead nowhere. */
function deadLinks(file: string, text = textOf(file)): string[] {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
  return links.flatMap(([link, path = '', anchor]) => {
    const target = targetOf(path, file);
    // The reference is written when the site is built, which looks at these links.
    if (target.startsWith(join('docs', 'api'))) return [];
    const isThere = existsSync(join(root, target)) && (!anchor || anchorsOf(target).includes(anchor));
    return isThere ? [] : link;
  });
}

describe('the links', () => {
  it.each(pages)('of %s lead somewhere', (file) => {
    expect(deadLinks(file)).toEqual([]);
  });

  it('are found to be dead when they are', () => {
    const text = '[a](guide/index.md) [b](nowhere.md) [c](guide/index.md#nowhere) [d](#benchmarks) [e](#nowhere)';
    expect(deadLinks(join('docs', 'benchmarks.md'), text)).toEqual([
      '](nowhere.md)',
      '](guide/index.md#nowhere)',
      '](#nowhere)',
    ]);
  });
});
