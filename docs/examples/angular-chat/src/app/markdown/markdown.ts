import { ChangeDetectionStrategy, Component, computed, input, ViewEncapsulation } from '@angular/core';
import { blocksOf } from './blocks';
import { CodeBlock } from './code-block';

/** Markdown of the model. `[innerHTML]` goes through the sanitizer of Angular; nothing here bypasses it. */
@Component({
  selector: 'app-markdown',
  imports: [CodeBlock],
  template: `
    @for (block of blocks(); track $index) {
      @switch (block.kind) {
        @case ('code') {
          <app-code-block [language]="block.language" [code]="block.code" />
        }
        @case ('table') {
          <div class="table" role="group" aria-label="Table" tabindex="0" [innerHTML]="block.html"></div>
        }
        @default {
          <div class="prose" [innerHTML]="block.html"></div>
        }
      }
    }
  `,
  styleUrl: './markdown.css',
  // The HTML of a block knows nothing of the attributes by which Angular scopes styles.
  encapsulation: ViewEncapsulation.None,
  changeDetection: ChangeDetectionStrategy.OnPush,
  host: { '[class.growing]': 'growing()' },
})
export class Markdown {
  readonly text = input.required<string>();
  /** Whether more of the text is to come. */
  readonly growing = input(false);
  protected readonly blocks = computed(() => blocksOf(this.text(), this.growing()));
}
