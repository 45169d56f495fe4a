import { ChangeDetectionStrategy, Component, computed, input, output } from '@angular/core';
import { isBusy, type Turn } from '../chat/turn';
import { Markdown } from '../markdown/markdown';
import { Meter } from './meter';
import { ToolUseView } from './tool-use-view';

/** One question and its answer. */
@Component({
  selector: 'app-turn-view',
  imports: [Markdown, Meter, ToolUseView],
  templateUrl: './turn-view.html',
  styleUrl: './turn-view.css',
  changeDetection: ChangeDetectionStrategy.OnPush,
})
export class TurnView {
  readonly turn = input.required<Turn>();
  /** Only the last question can be asked again. */
  readonly last = input(false);
  readonly retry = output();
  protected readonly busy = computed(() => isBusy(this.turn()));

  /** For the first chunk, or for what the model makes of the results of its tools. */
  protected readonly waiting = computed(() => {
    const { state, answer } = this.turn();
    const calls = answer.rounds.at(-1)?.calls ?? [];
    return state === 'waiting' || (state === 'writing' && calls.some(({ result }) => result !== undefined));
  });
}
