import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { docs } from './folders.ts';
import { pagesOf, type PageLink } from './pagesOf.ts';

const entries = ['rxdelta', 'rxdelta/angular', 'rxdelta/server', 'rxdelta/testing'];

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
  items: PageLink[];
}

/** The sidebars of the reference: for each entry of the package its names by their kinds, below the list of the entries. */
export function referenceSidebars(): Record<string, Group[]> {
  const there = entries.filter((entry) => existsSync(join(docs, 'api', entry)));
  const list: Group = { text: 'Entries', items: there.map((entry) => ({ text: entry, link: `/api/${entry}/` })) };
  return {
    '/api/': [list],
    ...Object.fromEntries(there.map((entry) => [`/api/${entry}/`, [list, ...groupsOf(entry)]])),
  };
}

function groupsOf(entry: string): Group[] {
  return Object.entries(kinds)
    .map(([folder, text]) => ({ text, items: pagesOf(`api/${entry}/${folder}`) }))
    .filter(({ items }) => items.length > 0);
}
