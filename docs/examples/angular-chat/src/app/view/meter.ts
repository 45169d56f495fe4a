import { ChangeDetectionStrategy, Component, computed, input } from '@angular/core';
import type { Turn } from '../chat/turn';

/** A rate over less time than this says nothing, in seconds. */
const SHORTEST_S = 0.2;

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
    const { firstChunkMs, chunks, seconds } = answer.figures;
    const tokens = answer.rounds.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
    // The API counts the tokens at the end. Until then a chunk stands for one, which is about what it is.
    const [count, unit] = tokens > 0 && state === 'done' ? [tokens, 'tokens/s'] : [chunks - 1, 'chunks/s'];
    return [
      state === 'stopped' && 'Stopped',
      chunks > 0 && `First chunk after ${Math.round(firstChunkMs)} ms`,
      seconds >= SHORTEST_S && `${(count / seconds).toFixed(0)} ${unit}`,
      tokens > 0 && `${tokens} tokens`,
    ]
      .filter(Boolean)
      .join(' · ');
  });
}
