import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';
import { docs } from './folders.ts';

const folders = ['functions', 'classes', 'interfaces', 'type-aliases', 'variables'];
const entries = ['rxdelta', 'rxdelta/testing', 'rxdelta/angular', 'rxdelta/server'];

/** Makes every name of the package that stands in prose as code, such as `takeChunks(10)`, a link to its reference. */
export function linksOfNames(markdown: MarkdownRenderer): void {
  const render = markdown.renderer.rules.code_inline;
  markdown.renderer.rules.code_inline = (tokens, index, options, env, self) => {
    const html = render?.(tokens, index, options, env, self) ?? '';
    const { relativePath = '' } = env as { relativePath?: string };
    const before = tokens.slice(0, index);
    const isInLink = count(before, 'link_open') > count(before, 'link_close');
    const [, name = ''] = /^([A-Za-z]\w{4,})(\(.*\))?$/.exec(tokens[index]?.content ?? '') ?? [];
    const page = isInLink ? undefined : pageOf(name);
    return page && `${page}.md` !== relativePath ? `<a class="name" href="/${page}">${html}</a>` : html;
  };
}

function count(tokens: readonly { type: string }[], type: string): number {
  return tokens.filter((token) => token.type === type).length;
}

const pages = new Map<string, string | undefined>();

/** The page of a name, without its ending. */
function pageOf(name: string): string | undefined {
  if (!pages.has(name)) {
    const all = entries.flatMap((entry) => folders.map((folder) => `api/${entry}/${folder}/${name}`));
    pages.set(
      name,
      all.find((page) => existsSync(join(docs, `${page}.md`))),
    );
  }
  return pages.get(name);
}
