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
    const isThere = existsSync(join(root, target)) && (!anchor || anchorsOf(target).includes(anchor));
    return isThere ? [] : link;
  });
}

/** The programs that a page includes without a link to them in front, for those who do not read it on the site. */
function unlinkedIncludes(file: string, text: string): string[] {
  return [...text.matchAll(/^(.*)\n\n<<< [@.]\/([^#\n]+)/gm)].flatMap(([, before = '', program = '']) => {
    const [, path] = /\]\((.*)\)$/.exec(before) ?? [];
    return path !== undefined && targetOf(path, file) === join('docs', program) ? [] : program;
  });
}

describe('the links', () => {
  it.each(pages)('of %s lead somewhere', (file) => {
    expect(deadLinks(file)).toEqual([]);
  });

  it.each(pages)('of %s stand in front of each program that it includes', (file) => {
    const text = readFileSync(join(root, file), 'utf8');
    expect(unlinkedIncludes(file, text)).toEqual([]);
    expect(text.match(/^<<< /gm)?.length).toBe(text.match(/\n\n<<< [@.]\/examples\//g)?.length);
  });

  it('to a program are missed when they are not there', () => {
    const text = 'Text\n\n<<< @/examples/a.ts\n\n[b](../examples/b.ts)\n\n<<< @/examples/b.ts#part\n';
    expect(unlinkedIncludes(join('docs', 'guide', 'page.md'), text)).toEqual(['examples/a.ts']);
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
