import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { blocksOf } from '../support/docstrings';
import { freePort } from '../support/freePort';
import { sendAnswer } from '../support/wire';
import { WireServer } from '../support/WireServer';

const root = join(__dirname, '../..');
const [block] = blocksOf('docs/relay.md');

describe('the first block of docs/relay.md', () => {
  it('relays an answer', async () => {
    const api = await WireServer.start(({ socket }) => {
      sendAnswer(socket, 'Hello');
    });
    const port = await freePort();
    const { code } = transformSync(block!.text, { loader: 'ts' });
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
