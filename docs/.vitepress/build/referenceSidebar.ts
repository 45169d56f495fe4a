import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { docs } from './folders.ts';
import { pagesOf, type PageLink } from './pagesOf.ts';

/** Folder of a kind, as typedoc names it → its heading. What is called most comes first. */
const kinds = {
  functions: 'Functions',
  variables: 'Values',
  classes: 'Classes',
  interfaces: 'Interfaces',
  'type-aliases': 'Types',
};

interface Group {
  text: string;
  link?: string;
  collapsed?: boolean;
  items: (PageLink | Group)[];
}

/** The sidebar of the reference: the entries of the package, and in each its names by their kinds. */
export function referenceSidebar(): Group[] {
  return ['rxdelta', 'rxdelta/angular', 'rxdelta/server', 'rxdelta/testing']
    .filter((entry) => existsSync(join(docs, 'api', entry)))
    .map((entry) => ({
      text: entry,
      link: `/api/${entry}/`,
      collapsed: entry !== 'rxdelta',
      items: Object.entries(kinds)
        .map(([folder, text]) => ({
          text,
          collapsed: folder !== 'functions',
          items: pagesOf(`api/${entry}/${folder}`),
        }))
        .filter(({ items }) => items.length > 0),
    }));
}
