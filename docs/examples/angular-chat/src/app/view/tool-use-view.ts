import { ChangeDetectionStrategy, Component, input } from '@angular/core';
import type { ToolUse } from '../chat/turn';

/** A tool call: its arguments while the model writes them, then what the tool gave. */
@Component({
  selector: 'app-tool-use-view',
  template: `
    <p class="name">
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="m8 7-5 5 5 5m8-10 5 5-5 5m-3-12-4 14" /></svg>
      <span class="unseen">The model calls</span>
      <strong>{{ call().name }}</strong>
    </p>
    <code class="arguments" [class.growing]="growing() && call().result === undefined">{{ call().arguments }}</code>
    @if (call().result; as result) {
      <code class="result"><span aria-hidden="true">→ </span><span class="unseen">Result: </span>{{ result }}</code>
    }
  `,
  styleUrl: './tool-use-view.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class ToolUseView {
  readonly call = input.required<ToolUse>();
  /** Whether the model is still writing. */
  readonly growing = input(false);
}
