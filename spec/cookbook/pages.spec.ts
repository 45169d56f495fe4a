import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marblesOf } from './marblesOf';

const docs = join(__dirname, '../../docs');
const read = (...path: string[]) => readFileSync(join(docs, ...path), 'utf8');
const filesOf = (folder: string, ending: string) => readdirSync(folder).filter((file) => file.endsWith(ending));
const index = read('cookbook', 'index.md');
const table = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name]) => name);
const pages = filesOf(join(docs, 'cookbook'), '.md').filter((file) => file !== 'index.md');
const specs = filesOf(__dirname, '.spec.ts').map((file) => readFileSync(join(__dirname, file), 'utf8'));

/** The names of the programs that a page shows. */
function programsOf(page: string): string[] {
  return [...page.matchAll(/^<<< @\/examples\/cookbook\/(\w+)\.ts$/gm)].map(([, name]) => name!);
}

describe.each(pages)('docs/cookbook/%s', (file) => {
  const page = read('cookbook', file);

  it('shows one program, which is named as what it exports', () => {
    const [name, ...others] = programsOf(page);
    expect(others).toEqual([]);
    expect(read('examples/cookbook', `${name}.ts`)).toMatch(new RegExp(`^export function ${name}\\b`, 'm'));
  });

  it('has the problem, the pipe, the marble, the connection and the trap, in a page', () => {
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([expect.any(String), 'The pipe', 'The marble', 'The connection', 'The trap']);
    const lines = page.trimEnd().split('\n').length;
    expect(lines).toBeGreaterThanOrEqual(30);
    expect(lines).toBeLessThanOrEqual(80);
  });

  it('has no marbles that are not checked', () => {
    const blocks = marblesOf(page);
    expect(blocks.length).toBeGreaterThan(0);
    const checked = blocks.map((_, at) =>
      specs.some((text) => text.includes(`recipe('${file.slice(0, -3)}', ${at}, `)),
    );
    expect(checked).toEqual(blocks.map(() => true));
  });

  it('stands in the table, at its place', () => {
    const [, order] = /^---\norder: (\d+)\n---\n/.exec(page) ?? [];
    expect(table[Number(order) - 1]).toBe(file);
  });
});

it('shows every program of docs/examples/cookbook', () => {
  const shown = pages.flatMap((file) => programsOf(read('cookbook', file)));
  expect(shown.map((name) => `${name}.ts`).sort()).toEqual(filesOf(join(docs, 'examples/cookbook'), '.ts').sort());
});
