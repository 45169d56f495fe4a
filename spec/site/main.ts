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
const other = await Visitor.arrive(server.origin);

await check('playground', () => checkPlayground(visitor));
await check('search', () => checkSearch(visitor));
await check('start page', () => checkStart(root));
// These watch no clock.
await Promise.all([
  check('pages', () => checkPages(visitor, axeFile, pictures)),
  check('all pages', () => checkAllPages(other, site)),
]);
await check('no request elsewhere, no error', () => {
  const complaints = [...visitor.complaints, ...other.complaints];
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  return 'none';
});

await visitor.leave();
await other.leave();
server.stop();

async function check(name: string, run: () => string | Promise<string>): Promise<void> {
  try {
    console.log(`ok    ${name}: ${await run()}`);
  } catch (error) {
    console.log(`FAIL  ${name}\n${String(error)}`);
    process.exitCode = 1;
  }
}
