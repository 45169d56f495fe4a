/**
 * Visits the built site in Chromium: `npm run docs:test`. Pictures of some pages are left in .cache/site. CHROMIUM names
 * another browser than /usr/bin/chromium.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkAllPages } from './checkAllPages';
import { checkPages } from './checkPages';
import { checkPlayground } from './checkPlayground';
import { checkSearch } from './checkSearch';
import { checkStart } from './checkStart';
import { StaticServer } from './StaticServer';
import { Visitor } from './Visitor';

const root = join(import.meta.dirname, '../..');
const site = join(root, '.cache/docs');
const pictures = join(root, '.cache/site');
const axeFile = join(root, 'docs/node_modules/axe-core/axe.min.js');

rmSync(pictures, { recursive: true, force: true });
const server = await StaticServer.start(site);
const visitor = await Visitor.arrive(server.origin);

const checks = {
  playground: () => checkPlayground(visitor),
  search: () => checkSearch(visitor),
  pages: () => checkPages(visitor, axeFile, pictures),
  'all pages': () => checkAllPages(visitor, site),
  'start page': () => checkStart(root),
  'no request elsewhere, no error': () => {
    if (visitor.complaints.length > 0) throw new Error(visitor.complaints.join('\n'));
    return 'none';
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    console.log(`ok    ${name}: ${await check()}`);
  } catch (error) {
    console.log(`FAIL  ${name}\n${String(error)}`);
    process.exitCode = 1;
  }
}

await visitor.leave();
server.stop();
