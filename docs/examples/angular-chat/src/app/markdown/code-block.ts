import { ChangeDetectionStrategy, Component, DestroyRef, inject, input, signal } from '@angular/core';

/** Code, with its language and a button that copies it. */
@Component({
  selector: 'app-code-block',
  template: `
    <header>
      <span>{{ language() || 'text' }}</span>
      <button type="button" (click)="copy()">
        {{ copied() ? 'Copied' : 'Copy' }}<span class="unseen"> the code</span>
      </button>
    </header>
    <pre tabindex="0" role="group" [attr.aria-label]="'Code: ' + (language() || 'text')"><code>{{ code() }}</code></pre>
  `,
  styleUrl: './code-block.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class CodeBlock {
  readonly language = input('');
  readonly code = input.required<string>();
  protected readonly copied = signal(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    inject(DestroyRef).onDestroy(() => clearTimeout(this.#timer));
  }

  protected async copy(): Promise<void> {
    await navigator.clipboard.writeText(this.code());
    this.copied.set(true);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.copied.set(false), 2000);
  }
}
