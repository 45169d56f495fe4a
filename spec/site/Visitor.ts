import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const flags = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];

/** A browser with one page, which notes what must not happen on any page of the site. */
export class Visitor {
  /** Requests to other origins, messages of errors, and answers that were none. */
  readonly complaints: string[] = [];
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #profile: string;
  readonly #origin: string;

  private constructor(context: BrowserContext, page: Page, profile: string, origin: string) {
    this.#context = context;
    this.page = page;
    this.#profile = profile;
    this.#origin = origin;
    const where = () => page.url().replace(origin, '');
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== origin) {
        this.complaints.push(`${where()} asks for ${request.url()}`);
      }
    });
    page.on('response', (response) => {
      if (response.status() >= 400) this.complaints.push(`${where()}: ${response.status()} for ${response.url()}`);
    });
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`${where()} logs ${message.text()}`);
    });
    page.on('pageerror', (error) => this.complaints.push(`${where()} throws ${error.message}`));
  }

  /** @param origin - that of the site */
  static async arrive(origin: string): Promise<Visitor> {
    const profile = mkdtempSync(join(tmpdir(), 'rxdelta-site-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: flags,
    });
    return new Visitor(context, await context.newPage(), profile, origin);
  }

  /** @param until - when the page counts as open; `networkidle` takes half a second more than `load` */
  async open(
    path: string,
    widthPixels = 1440,
    colorScheme: 'light' | 'dark' = 'light',
    until: 'load' | 'networkidle' = 'networkidle',
  ): Promise<Page> {
    await this.page.setViewportSize({ width: widthPixels, height: 900 });
    await this.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await this.page.goto(this.#origin + path, { waitUntil: until });
    return this.page;
  }

  async leave(): Promise<void> {
    await this.#context.close();
    rmSync(this.#profile, { recursive: true, force: true });
  }
}
