import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { Turn } from '../chat/turn';

/** The figures of an answer, on a line that is there from the start, so that nothing moves when they come. */
@Component({
  selector: 'app-meter',
  template: `{{ text() }}`,
  styles: `
    :host {
      display: block;
      min-height: 1.6em;
      margin-top: 0.5rem;
      color: var(--soft);
      font-size: 0.8125rem;
      font-variant-numeric: tabular-nums;
    }
  `,
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class Meter {
  readonly turn = input.required<Turn>();
  protected readonly text = computed(() => {
    const { state, answer } = this.turn();
    const { firstChunkMs, chunks, chunksPerSecond } = answer.figures;
    const tokens = answer.rounds.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
    return [
      state === 'stopped' && 'Stopped',
      chunks > 0 && `First chunk after ${Math.round(firstChunkMs)} ms`,
      chunksPerSecond > 0 && `${chunksPerSecond.toFixed(0)} chunks/s`,
      tokens > 0 && `${tokens} tokens`,
    ]
      .filter(Boolean)
      .join(' · ');
  });
}
