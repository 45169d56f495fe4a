import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually';

/** The page of the Angular chat, as its users know it. */
export class ChatPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  get message(): Locator {
    return this.page.getByLabel('Your message');
  }

  /** The last answer. */
  get answer(): Locator {
    return this.page.getByRole('group', { name: 'Answer' }).last();
  }

  get problem(): Locator {
    return this.page.getByRole('alert');
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  async ask(question: string): Promise<void> {
    await this.message.fill(question);
    await this.message.press('Enter');
  }

  /** Waits until the last answer shows a text; gives all of what it shows. */
  async shows(text: string): Promise<string> {
    return this.shownBy(this.answer, text);
  }

  /** Waits until a part of the page shows a text; gives all of what it shows. */
  async shownBy(part: Locator, text: string): Promise<string> {
    return eventually(async () => {
      const shown = await part.innerText({ timeout: 1000 });
      expect(shown).toContain(text);
      return shown;
    });
  }
}
