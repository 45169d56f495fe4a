import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { folders } from './folders';

/** The key that only the server knows. */
export const SERVER_KEY = 'sk-known-to-the-server-only';

/** The server of an example, in a process of its own, as its README starts it. */
export class ExampleServer {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  /**
   * @param name - the folder of the example
   * @param apiURL - the API that the server asks
   */
  static async start(name: string, apiURL: string): Promise<ExampleServer> {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, ['server/main.js'], {
      cwd: join(folders.installed, name),
      env: { PATH, HOME, PORT: '0', OPENAI_BASE_URL: apiURL, OPENAI_API_KEY: SERVER_KEY },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ExampleServer(child, await printedURL(child));
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill();
    await closed;
  }
}

/** The address, which is the first that the server prints. */
function printedURL(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
        if (url) resolve(url);
      });
    }
    child.once('close', () => {
      reject(new Error(`The server ended\n${printed}`));
    });
  });
}
