import { BehaviorSubject, Observable } from 'rxjs';

/**
 * Holds back the server while a consumer is busy. While anybody holds the gate, the requests that were given it stop
 * reading, so that TCP pushes back on the server. One gate may serve several requests: all of them pause.
 *
 * @example
 * ```ts
 * import { createClient, FlowGate } from 'rxdelta';
 *
 * const gate = new FlowGate();
 * createClient()
 *   .chat.completions.stream({ model: 'gpt-4o-mini', messages: [] }, { gate })
 *   .subscribe();
 * const release = gate.hold(); // the server waits
 * setTimeout(release, 1_000);
 * ```
 */
export class FlowGate {
  /** Whether nobody holds the gate: the current value first, then each change. */
  readonly open$: Observable<boolean>;
  /** What `open$` comes from; for the operators of this package. */
  readonly changes: Pick<BehaviorSubject<boolean>, 'observed' | 'value'>;
  /** Takes hold of the gate, and gives the function that lets go again. Calling that twice is harmless. */
  readonly hold: () => () => void;

  constructor() {
    const changes = new BehaviorSubject(true);
    let holders = 0;
    const count = (change: number) => {
      holders += change;
      const isOpen = holders === 0;
      if (isOpen !== changes.value) changes.next(isOpen);
    };
    this.changes = changes;
    // By the value that is true by then: a subscriber that was told before may have held the gate again.
    this.open$ = new Observable((subscriber) => {
      let told: boolean | undefined;
      return changes.subscribe(() => {
        if (told !== changes.value) subscriber.next((told = changes.value));
      });
    });
    this.hold = () => {
      let held = 1;
      count(held);
      return () => {
        const change = -held;
        held = 0;
        count(change);
      };
    };
  }

  /** Whether nobody holds the gate. */
  get isOpen(): boolean {
    return this.changes.value;
  }
}
