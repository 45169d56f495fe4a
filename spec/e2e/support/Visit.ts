import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

/** A visit to an example with an empty profile. It notes what must not happen. */
export class Visit {
  /** Errors in the console, uncaught errors, and requests to anybody but the server of the example. */
  readonly problems: string[] = [];
  readonly page: Page;
  readonly #context: BrowserContext;
  readonly #expected: RegExp[] = [];

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.#context = context;
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.#note(message.text());
    });
    page.on('pageerror', (error) => {
      this.#note(`uncaught ${String(error)}`);
    });
    page.on('dialog', (dialog) => {
      this.#note(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    context.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== url) {
        this.#note(`request to ${request.url()}`);
      }
    });
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await browser.newContext(options);
    const visit = new Visit(context, await context.newPage(), url);
    await visit.page.goto(url);
    return visit;
  }

  /** The browser itself reports a failed request in the console, which nobody can prevent. */
  expects(problem: RegExp): void {
    this.#expected.push(problem);
  }

  async close(): Promise<void> {
    await this.#context.close();
  }

  #note(problem: string): void {
    if (!this.#expected.some((expected) => expected.test(problem))) this.problems.push(problem);
  }
}
