import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../..');
const file = 'docs/angular.md';
const page = readFileSync(join(root, file), 'utf8');
const project = join(root, 'spec/projects/angular/src/guide');

/** The blocks of TypeScript by the name in their first line. */
const blocks = new Map(
  [...page.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, name = '', text = '']) => [name, text]),
);

describe(`the blocks of code in ${file}`, () => {
  it('have names, each one once', () => {
    expect(blocks.size).toBeGreaterThan(0);
    expect(page.match(/^```ts$/gm)).toHaveLength(blocks.size);
  });

  it.each([...blocks])('are those of the project of Angular, where they run: %s', (name, text) => {
    expect(readFileSync(join(project, name), 'utf8')).toBe(text);
  });

  it('show what the project has', () => {
    expect(readdirSync(project).filter((name) => !blocks.has(name))).toEqual([]);
  });
});
