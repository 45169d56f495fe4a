import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIStatusError,
  APIStreamError,
  APIUserAbortError,
  MalformedStreamError,
  StreamTruncatedError,
  type APIError,
} from 'rxdelta';
import ts from 'typescript';
import { DEFAULT_TIMEOUTS } from '../lib/client/Timeouts';

const root = join(__dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** A fenced block of TypeScript. */
interface Block {
  /** The file it stands in, below the root. */
  file: string;
  /** The line of its first line, from 1. */
  line: number;
  text: string;
}

/** The blocks of a file: those of its docstrings, if it is code. */
function blocksOf(file: string): Block[] {
  const prefix = file.endsWith('.ts') ? /^\s*\* ?/ : /^/;
  const blocks: Block[] = [];
  let open: Block | undefined;
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      const text = line.replace(prefix, '');
      if (open && text === '```') open = undefined;
      else if (open) open.text += `${text}\n`;
      else if (text === '```ts' && prefix.test(line)) blocks.push((open = { file, line: index + 2, text: '' }));
    });
  return blocks;
}

function sources(): string[] {
  return readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .map((file) => join('lib', file))
    .filter((file) => file.endsWith('.ts') && dirname(file) !== join('lib', 'openai'));
}

/** What the compiler says of each block, as `file:line: message`. All of them go through one program, as one module each. */
function compile(blocks: readonly Block[]): Map<Block, string[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['lib/index.ts'] }, ts.sys, root);
  // Whoever copies a block has no jest around it.
  Object.assign(options, { types: ['node'], moduleDetection: ts.ModuleDetectionKind.Force });
  const modules = new Map(blocks.map((block) => [join(root, `${block.file}.${block.line}.ts`), block]));
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  const readFile = host.readFile.bind(host);
  host.fileExists = (name) => modules.has(name) || fileExists(name);
  host.readFile = (name) => modules.get(name)?.text ?? readFile(name);
  const program = ts.createProgram([...modules.keys()], options, host);
  return new Map(
    [...modules].map(([name, block]) => {
      const file = program.getSourceFile(name);
      const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [block, diagnostics.map((diagnostic) => describeDiagnostic(block, diagnostic))];
    }),
  );
}

function describeDiagnostic({ file, line }: Block, diagnostic: ts.Diagnostic): string {
  const { line: offset } = ts.getLineAndCharacterOfPosition(diagnostic.file!, diagnostic.start!);
  return `${file}:${line + offset}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`;
}

describe('the blocks of code in README.md and the docstrings', () => {
  const blocks = ['README.md', ...sources()].flatMap(blocksOf);
  const header = "import { createClient } from 'rxdelta';\n\n";
  const wrong: Block[] = [
    { file: 'option.md', line: 10, text: `${header}createClient({ baseUrl: '/api' });\n` },
    { file: 'name.md', line: 20, text: "import { createClients } from 'rxdelta';\n" },
    { file: 'syntax.md', line: 30, text: `${header}createClient(;\n` },
    { file: 'type.md', line: 40, text: `${header}const client: string = createClient();\n` },
  ];
  let messages: Map<Block, string[]>;

  beforeAll(() => {
    messages = compile([...blocks, ...wrong]);
  });

  it.each(blocks)('compile: $file:$line', (block) => {
    expect(messages.get(block)).toEqual([]);
  });

  it('are found in both places', () => {
    const files = new Set(blocks.map(({ file }) => file));
    expect(files).toContain('README.md');
    expect(files).toContain(join('lib', 'client', 'createClient.ts'));
  });

  it('fail with file, line and message when they are wrong', () => {
    expect(wrong.map((block) => messages.get(block)?.[0])).toEqual([
      expect.stringMatching(/^option\.md:12: .*'baseUrl' does not exist in type 'ClientOptions'/),
      expect.stringMatching(/^name\.md:20: .* no exported member .*'createClients'/),
      expect.stringMatching(/^syntax\.md:32: .*expected/),
      expect.stringMatching(/^type\.md:42: Type 'Client' is not assignable to type 'string'/),
    ]);
  });

  it('stand behind every @example', () => {
    const bare = sources().flatMap((file) => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      return lines.flatMap((line, index) =>
        line.trim() === '* @example' && lines[index + 1]?.trim() !== '* ```ts' ? [`${file}:${index + 1}`] : [],
      );
    });
    expect(bare).toEqual([]);
  });
});

describe('README.md', () => {
  it('links to what exists', () => {
    const targets = [...readme.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!);
    expect(targets.length).toBeGreaterThan(0);
    expect(targets.filter((target) => !existsSync(join(root, target)))).toEqual([]);
  });

  it('links to every example', () => {
    const examples = readdirSync(join(root, 'docs/examples')).filter((file) => file.endsWith('.ts'));
    expect(examples.filter((file) => !readme.includes(`(docs/examples/${file})`))).toEqual([]);
  });

  it('names scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...readme.matchAll(/npm (?:run ([\w:]+)|(test))/g)].map(([, script, test]) => script ?? test!);
    expect(named).toEqual(expect.arrayContaining(['demo', 'test']));
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it.each(Object.entries(DEFAULT_TIMEOUTS))('gives the default of %s', (name, limitMs) => {
    const [, value] = new RegExp(`^\\| \`${name}\` +\\| ([^|]+?) +\\|`, 'm').exec(readme) ?? [];
    expect(value).toBe(limitMs === Infinity ? 'none' : `${limitMs.toLocaleString('en').replaceAll(',', ' ')} ms`);
  });

  it.each<{ error: APIError; words: string }>([
    { error: new APIConnectionError('', { phase: 'connect' }), words: 'yes' },
    { error: new APIConnectionTimeoutError('', { phase: 'connect' }), words: 'yes' },
    { error: new StreamTruncatedError('', { chunkCount: 0 }), words: 'yes' },
    { error: new APIStatusError('', { status: 500 }), words: '408, 409, 429, 5xx' },
    { error: new APIStreamError('', { type: 'overloaded_error' }), words: 'overload' },
    { error: new MalformedStreamError('', { reason: 'json' }), words: 'no' },
    { error: new APIUserAbortError(), words: 'no' },
  ])('lists the kind $error.kind with its class and whether it is retryable', ({ error, words }) => {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${error.kind}\` `));
    expect(row).toContain(`| \`${error.name}\` `);
    expect(row).toContain(`| ${words}`);
    expect(error.retryable).toBe(words !== 'no');
  });
});
