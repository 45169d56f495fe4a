import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ModelServer, story } from './ModelServer';
import { Visitor } from './Visitor';

const run = promisify(execFile);

/** Follows docs/start.md word by word in an empty folder, with the packed package in place of the one of the registry. */
export async function checkStart(root: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'rxdelta-start-'));
  const server = await ModelServer.start();
  try {
    await shell(root, `npm pack --ignore-scripts --pack-destination ${folder}`);
    const tarball = join(folder, readdirSync(folder)[0] ?? '');
    const app = join(folder, 'first-stream');
    const blocks = [...readFileSync(join(root, 'docs/start.md'), 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
      ([, language, text = '']) => ({ language, text }),
    );
    const lines = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text);
    const [install = '', , ownServer = '', installVite = '', vite = ''] = lines;
    assert.equal(lines.length, 5);

    await shell(folder, install.replace('npm install rxdelta ', `npm install ${tarball} `));
    for (const { language, text } of blocks.filter(({ language: name }) => name !== 'sh')) {
      const name = language === 'html' ? 'index.html' : /^\/\/ (\S+)\n/.exec(text)?.[1];
      writeFileSync(join(app, name ?? ''), text);
    }
    const settings = ownServer.replace('http://127.0.0.1:11434/v1', server.url);
    assert.match(await shell(app, settings), /^Once there was .* by day\.\nThat was all of it\.\n$/);
    assert.deepEqual(server.requests, ['/v1/chat/completions llama3.2 Bearer none']);

    await shell(app, installVite);
    await visitPage(app, settings.replace('npx tsx main.ts', vite.replace('npx', 'exec npx')), server);
    return 'the story in the terminal, and in a page, where it is stopped';
  } finally {
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function visitPage(app: string, command: string, server: ModelServer): Promise<void> {
  const vite = spawn('sh', ['-ec', command.replace(/npx vite\s*$/, 'node node_modules/vite/bin/vite.js --port 0')], {
    cwd: app,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const visitor = await Visitor.arrive(await addressOf(vite.stdout));
    try {
      const page = await visitor.open('/');
      const answer = page.locator('#answer');
      await page.locator('#ask').click();
      await answer.filter({ hasText: 'Once there' }).waitFor();
      await page.locator('#stop').click();
      const stopped = (await answer.textContent()) ?? '';
      assert(stopped.length < story.length, 'the answer was over before it was stopped');
      await page.waitForTimeout(600);
      assert.equal(await answer.textContent(), stopped);
      assert.equal(server.aborted, 1);
      await page.locator('#ask').click();
      await answer.filter({ hasText: story }).waitFor();
      assert.deepEqual(server.requests.slice(1), Array(2).fill('/v1/chat/completions llama3.2 Bearer none'));
    } finally {
      await visitor.leave();
    }
  } finally {
    vite.kill();
  }
}

/** The address that Vite prints. */
async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  let printed = '';
  for await (const part of output) {
    printed += String(part);
    const [address] = /http:\/\/localhost:\d+/.exec(printed) ?? [];
    if (address) return address;
  }
  throw new Error(`Vite says: ${printed}`);
}

/** Runs a block of lines; what it prints. It must not block: the server that it asks is in this process. */
async function shell(cwd: string, lines: string): Promise<string> {
  const { stdout } = await run('sh', ['-ec', lines], { cwd, timeout: 120_000 });
  return stdout;
}
