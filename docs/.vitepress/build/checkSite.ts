import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Fails the build when a page links to a page or an anchor that is not there, or would load anything from elsewhere.
 *
 * @param folder - the built site
 * @throws Error with a line for each finding
 */
export function checkSite(folder: string): void {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'));
  const pages = new Map(
    files
      .filter((file) => file.endsWith('.html'))
      .map((file) => [addressOf(file), readFileSync(join(folder, file), 'utf8')]),
  );
  const findings = [...pages].flatMap(([address, html]) => [
    ...linksOf(html)
      .filter((href) => !leadsSomewhere(new URL(href, `http://site${address}`), pages, files))
      .map((href) => `${address} links to ${href}`),
    ...[...html.matchAll(/<(?:script|img|iframe|source|link)\b[^>]*?(?:src|href)="((?:https?:)?\/\/[^"]*)"/g)].map(
      ([, source]) => `${address} loads ${source}`,
    ),
  ]);
  for (const file of files.filter((name) => name.endsWith('.css'))) {
    const [foreign] =
      /(?:url\(|@import)\s*["']?(?:https?:)?\/\/[^"')]*/.exec(readFileSync(join(folder, file), 'utf8')) ?? [];
    if (foreign) findings.push(`${file} loads ${foreign}`);
  }
  if (findings.length > 0) throw new Error(`Links that lead nowhere, or elsewhere:\n${findings.join('\n')}`);
}

/** `guide/index.html` → `/guide/`, `start.html` → `/start`. */
function addressOf(file: string): string {
  return `/${file.replace(/(^|\/)index\.html$/, '$1').replace(/\.html$/, '')}`;
}

/** The links of a page within the site. */
function linksOf(html: string): string[] {
  return [...html.matchAll(/<a\b[^>]*?\bhref="([^"]*)"/g)]
    .map(([, href = '']) => href.replaceAll('&amp;', '&'))
    .filter((href) => !/^([a-z]+:|\/\/)/.test(href));
}

function leadsSomewhere({ pathname, hash }: URL, pages: Map<string, string>, files: string[]): boolean {
  const page = pages.get(pathname) ?? pages.get(pathname.replace(/\.html$/, ''));
  if (page === undefined) return files.includes(decodeURI(pathname.slice(1)));
  return hash === '' || page.includes(`id="${decodeURIComponent(hash.slice(1))}"`);
}
