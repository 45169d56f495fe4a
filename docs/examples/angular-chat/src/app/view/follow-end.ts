import { afterNextRender, DestroyRef, Directive, ElementRef, inject, signal } from '@angular/core';

/** As far from its end a box still counts as scrolled to it, in pixels. */
const NEAR_PX = 8;

/** Keeps a box scrolled to its end while its content grows, until the reader scrolls up, and again when they come back. */
@Directive({ selector: '[appFollowEnd]', exportAs: 'followEnd', host: { '(scroll)': 'look()' } })
export class FollowEnd {
  readonly #box = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly #following = signal(true);
  readonly following = this.#following.asReadonly();
  #lastTop = 0;

  constructor() {
    const observer = new ResizeObserver(() => this.#keepUp());
    inject(DestroyRef).onDestroy(() => observer.disconnect());
    afterNextRender(() => {
      observer.observe(this.#box);
      for (const child of this.#box.children) observer.observe(child);
    });
  }

  follow(): void {
    this.#following.set(true);
    this.#keepUp();
  }

  /** Growing content moves nothing: only a reader makes the top smaller without reaching the end. */
  protected look(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    if (scrollHeight - clientHeight - scrollTop <= NEAR_PX) this.#following.set(true);
    else if (scrollTop < this.#lastTop) this.#following.set(false);
    this.#lastTop = scrollTop;
  }

  #keepUp(): void {
    if (this.#following()) this.#box.scrollTop = this.#box.scrollHeight;
  }
}
