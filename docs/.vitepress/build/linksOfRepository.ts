import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { docs, root } from './folders.ts';

/** What a link leads to on the site, where it leads out of the pages in the repository. */
const elsewhere: Record<string, string> = {
  'README.md': '/overview',
  'docs/examples': '/examples',
  'lib/index.ts': '/api/rxdelta/',
  'lib/operators': '/api/rxdelta/',
};

/**
 * Makes links between the files of the repository lead to pages of the site. One to a file that the site does not have
 * stays as its text, as does one to a program on the page that shows them all; one to a page that does not exist stays as
 * it is, and fails the build.
 */
export function linksOfRepository(markdown: MarkdownRenderer): void {
  markdown.core.ruler.push('links-of-repository', ({ tokens, env }) => {
    const { relativePath = '' } = env as { relativePath?: string };
    for (const { children } of tokens) {
      for (const [index, token] of (children ?? []).entries()) {
        const href = token.attrGet('href');
        if (token.type !== 'link_open' || href === null || /^([a-z]+:|#|\/)/.test(href)) continue;
        const target = targetOf(href, relativePath);
        if (target !== undefined) token.attrSet('href', target);
        else unlink(children ?? [], index);
      }
    }
  });
}

/** Where a relative link leads on the site; undefined for a file that it does not have. */
function targetOf(href: string, page: string): string | undefined {
  const [path = '', hash] = href.split('#');
  // A page may include README.md, whose links start at the root.
  const from = [join(docs, dirname(page)), root].find((folder) => existsSync(join(folder, path)));
  if (from === undefined) return href;
  const file = relative(root, join(from, path));
  const anchor = hash === undefined ? '' : `#${hash}`;
  const [, example] = /^docs\/examples\/([\w-]+)\.ts$/.exec(file) ?? [];
  if (example) return page === 'examples.md' ? undefined : `/examples#${example}`;
  if (file in elsewhere) return `${elsewhere[file]}${anchor}`;
  const [, name] = /^docs\/(.*)\.md$/.exec(file) ?? [];
  return name === undefined ? undefined : `/${name.replace(/(^|\/)(README|index)$/, '$1')}${anchor}`;
}

function unlink(tokens: { type: string; tag: string; hidden: boolean }[], at: number): void {
  const end = tokens.findIndex(({ type }, index) => index > at && type === 'link_close');
  for (const token of [tokens[at], tokens[end]]) if (token) Object.assign(token, { type: 'text', content: '' });
}
