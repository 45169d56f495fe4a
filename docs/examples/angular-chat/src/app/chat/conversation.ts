import { computed, DestroyRef, inject, Injectable, signal, untracked } from '@angular/core';
import { takeUntilDestroyed, toObservable } from '@angular/core/rxjs-interop';
import { streamSignal } from 'rxdelta/angular';
import { fromEvent, merge, throttleTime } from 'rxjs';
import { ChatService } from './chat-service';
import { explainError } from './explain-error';
import { loadTurns, saveTurns } from './stored-turns';
import { EMPTY_ANSWER, isBusy, type Answer, type Turn } from './turn';

/** How often a growing answer is stored, in milliseconds. */
const SAVE_EVERY_MS = 500;

/** The conversation: the turns that are over, and the one that is being answered. It outlives a reload of the page. */
@Injectable({ providedIn: 'root' })
export class Conversation {
  readonly #chat = inject(ChatService);
  readonly #past = signal(loadTurns());
  readonly #asked = signal<{ id: string; question: string } | undefined>(undefined);

  /** The answer to what was asked last. A new question, `stop()` and leaving the page close its connection. */
  readonly #answer = streamSignal(
    () => {
      const asked = this.#asked();
      return asked && this.#chat.answer(untracked(this.#past), asked.question);
    },
    { seed: EMPTY_ANSWER, reduce: (_: Answer, latest: Answer) => latest },
  );

  readonly turns = computed((): readonly Turn[] => {
    const asked = this.#asked();
    return asked ? [...this.#past(), { ...asked, ...this.#latest() }] : this.#past();
  });

  readonly busy = computed(() => this.turns().some(isBusy));

  constructor() {
    const growing$ = toObservable(this.turns).pipe(
      throttleTime(SAVE_EVERY_MS, undefined, { leading: true, trailing: true }),
    );
    merge(growing$, fromEvent(window, 'pagehide'))
      .pipe(takeUntilDestroyed(inject(DestroyRef)))
      .subscribe(() => saveTurns(this.turns()));
  }

  /** Asks the next question. An answer that is still coming is stopped. */
  ask(question: string): void {
    this.stop();
    this.#ask(this.turns(), question);
  }

  /** Asks the last question again, in place of its answer. */
  retry(): void {
    const last = this.turns().at(-1);
    if (last) this.#ask(this.turns().slice(0, -1), last.question);
  }

  /** Closes the connection. What has come of the answer stays. */
  stop(): void {
    this.#answer.stop();
  }

  clear(): void {
    this.#asked.set(undefined);
    this.#past.set([]);
  }

  #ask(past: readonly Turn[], question: string): void {
    this.#past.set(past);
    this.#asked.set({ id: crypto.randomUUID(), question });
  }

  #latest(): Pick<Turn, 'answer' | 'state' | 'problem'> {
    const answer = this.#answer.value();
    const status = this.#answer.status();
    return status === 'error'
      ? { answer, state: 'failed', problem: explainError(this.#answer.error()) }
      : { answer, state: STATES[status] };
  }
}

const STATES = {
  idle: 'waiting',
  loading: 'waiting',
  streaming: 'writing',
  done: 'done',
  stopped: 'stopped',
} as const;
