import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import ts from 'typescript';
import { sendAnswer } from '../support/wire';
import { WireServer } from '../support/WireServer';

const root = join(__dirname, '../..');
const file = 'docs/relay.md';
const page = readFileSync(join(root, file), 'utf8');

const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text);

/** What the compiler says of the blocks. */
function compile(): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['lib/index.ts'] }, ts.sys, root);
  Object.assign(options, { types: ['node'], moduleDetection: ts.ModuleDetectionKind.Force });
  const modules = new Map(blocks.map((text, index) => [join(root, 'docs', `relay.${index}.ts`), text]));
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  const readFile = host.readFile.bind(host);
  host.fileExists = (name) => modules.has(name) || fileExists(name);
  host.readFile = (name) => modules.get(name) ?? readFile(name);
  const program = ts.createProgram([...modules.keys()], options, host);
  return [...modules.keys()].flatMap((name) => {
    const source = program.getSourceFile(name);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${name}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  });
}

/** A port where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe(`the blocks of code in ${file}`, () => {
  it('compile', () => {
    expect(blocks.length).toBeGreaterThan(5);
    expect(compile()).toEqual([]);
  });

  it('relay an answer: the first', async () => {
    const api = await WireServer.start(({ socket }) => {
      sendAnswer(socket, 'Hello');
    });
    const port = await freePort();
    const { code } = transformSync(blocks[0]!, { loader: 'ts' });
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
      cwd: root,
      env: { PATH: process.env.PATH, OPENAI_BASE_URL: api.url, OPENAI_API_KEY: 'sk-relay', PORT: String(port) },
      stdio: 'ignore',
    });
    try {
      const ask = async (): Promise<Response> => {
        const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] });
        const headers = { 'content-type': 'application/json' };
        return fetch(`http://127.0.0.1:${port}/v1/chat/completions`, { method: 'POST', headers, body }).catch(
          async (error: unknown) => {
            if (child.exitCode !== null) throw error;
            await new Promise((resolve) => setTimeout(resolve, 50));
            return ask();
          },
        );
      };
      expect(await (await ask()).text()).toMatch(/Hello[^]*data: \[DONE\]\n\n$/);
      expect(api.requests[0]?.headers.authorization).toBe('Bearer sk-relay');
    } finally {
      child.kill('SIGKILL');
      await api.close();
    }
  });
});

describe(file, () => {
  it('links to what exists', () => {
    for (const [, path = ''] of page.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(existsSync(join(root, dirname(file), path))).toBe(true);
    }
  });
});
