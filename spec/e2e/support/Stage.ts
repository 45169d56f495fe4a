import { chromium, type Browser, type BrowserContextOptions } from 'playwright-core';
import { chromiumPath } from './chromiumPath';
import { ExampleServer } from './ExampleServer';
import { ScriptedAPI } from './ScriptedAPI';
import { Visit } from './Visit';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** An example in a browser, its server, and the API behind it. */
export class Stage {
  readonly api: ScriptedAPI;
  readonly url: string;
  readonly #server: ExampleServer;
  readonly #browser: Browser;
  readonly #visits: Visit[] = [];

  private constructor(api: ScriptedAPI, server: ExampleServer, browser: Browser) {
    this.api = api;
    this.url = server.url;
    this.#server = server;
    this.#browser = browser;
  }

  /** @param name - the folder of the example */
  static async open(name: string): Promise<Stage> {
    const api = await ScriptedAPI.start();
    const server = await ExampleServer.start(name, api.url);
    // It gets an empty folder for its profile.
    const browser = await chromium.launch({ executablePath: chromiumPath(), args: FLAGS });
    return new Stage(api, server, browser);
  }

  async visit(options?: BrowserContextOptions): Promise<Visit> {
    const visit = await Visit.open(this.#browser, this.url, options);
    this.#visits.push(visit);
    return visit;
  }

  /** Ends the visits of a test; gives what went wrong in them. */
  async leave(): Promise<string[]> {
    const visits = this.#visits.splice(0);
    await Promise.all(visits.map((visit) => visit.close()));
    this.api.forget();
    return visits.flatMap(({ problems }) => problems);
  }

  /** Ends the server of the example, as a crash would. */
  async endServer(): Promise<void> {
    await this.#server.close();
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
    await this.api.close();
  }
}
