import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileBlocks, nameOf } from './support/compileBlocks';
import { blocksOf, filesBelow, librarySources, type Block } from './support/docstrings';

const root = join(__dirname, '..');
const sources = librarySources();
/** Every page of the site but the one whose blocks are compiled and run by spec/testing/guide.spec.ts. */
const pages = filesBelow('docs')
  .filter((file) => file.endsWith('.md') && file !== join('docs', 'testing.md'))
  .filter((file) => !file.startsWith(join('docs', 'examples')));

describe('the blocks of code in README.md, the pages and the docstrings', () => {
  const blocks = ['README.md', ...pages, ...sources].flatMap((file) => blocksOf(file));
  const header = "import { createClient } from 'rxdelta';\n\n";
  const wrong: Block[] = [
    { file: 'option.md', line: 10, text: `${header}createClient({ baseUrl: '/api' });\n` },
    { file: 'name.md', line: 20, text: "import { createClients } from 'rxdelta';\n" },
    { file: 'syntax.md', line: 30, text: `${header}createClient(;\n` },
    { file: 'type.md', line: 40, text: `${header}const client: string = createClient();\n` },
    { file: 'angular.md', line: 50, text: "import { Injectables } from '@angular/core';\n" },
    { file: 'runner.md', line: 60, text: "it('runs', () => {});\n" },
    {
      file: 'other.md',
      line: 70,
      text: "// a.spec.ts\nimport { b } from './b';\n\nit('runs', () => expect(b).c());\n",
    },
    { file: 'other.md', line: 80, text: '// b.ts\nexport const b = 1;\n' },
  ];
  let messages: Map<Block, string[]>;

  beforeAll(() => {
    messages = compileBlocks([...blocks, ...wrong]);
  }, 60_000);

  it.each(blocks)('compile: $file:$line', (block) => {
    expect(messages.get(block)).toEqual([]);
  });

  it('are found in all places', () => {
    const files = new Set(blocks.map(({ file }) => file));
    expect(files).toContain('README.md');
    expect(files).toContain(join('docs', 'what-can-go-wrong.md'));
    expect(files).toContain(join('lib', 'client', 'createClient.ts'));
  });

  it('fail with file, line and message when they are wrong', () => {
    expect(wrong.map((block) => messages.get(block)?.[0])).toEqual([
      expect.stringMatching(/^option\.md:12: .*'baseUrl' does not exist in type 'ClientOptions'/),
      expect.stringMatching(/^name\.md:20: .* no exported member .*'createClients'/),
      expect.stringMatching(/^syntax\.md:32: .*expected/),
      expect.stringMatching(/^type\.md:42: Type 'Client' is not assignable to type 'string'/),
      expect.stringMatching(/^angular\.md:50: .*no exported member.*'Injectables'/),
      expect.stringMatching(/^runner\.md:60: Cannot find name 'it'/),
      expect.stringMatching(/^other\.md:73: .*'c' does not exist/),
      undefined,
    ]);
  });

  it('go on from the block before them where they say so, with their lines in place', () => {
    const source = '# Page\n\n```ts\nconst a = 1;\n```\n\nThen\n\n```ts continued\nconst b: string = a;\n```\n';
    const found = blocksOf('page.md', 'ts', source);
    expect(found).toHaveLength(1);
    expect(compileBlocks(found).get(found[0]!)).toEqual([
      "page.md:10: Type 'number' is not assignable to type 'string'.",
    ]);
    expect(() => blocksOf('page.md', 'ts', '```ts continued\n```\n')).toThrow(
      'page.md:1: there is no block to continue',
    );
  }, 30_000);

  it('have names of their own on each page', () => {
    for (const file of pages) {
      const names = blocksOf(file).map(nameOf).filter(Boolean);
      expect(names).toEqual([...new Set(names)]);
    }
  });

  it('stand behind every @example', () => {
    const bare = sources.flatMap((file) => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      return lines.flatMap((line, index) =>
        line.trim() === '* @example' && lines[index + 1]?.trim() !== '* ```ts' ? [`${file}:${index + 1}`] : [],
      );
    });
    expect(bare).toEqual([]);
  });
});
