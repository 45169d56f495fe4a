import { runInNewContext } from 'node:vm';
import * as rxdelta from 'rxdelta';
import { asyncScheduler, isObservable, map, Observable, timer, type OperatorFunction } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import type { Diagram, Lane, Marble } from '../../docs/.vitepress/marbles/Diagram';

/** What the words of a diagram stand for. */
export interface Vocabulary {
  /** Makes what the source emits of its label. */
  read: (label: string) => unknown;
  /** Names what the operator emits. */
  write: (value: never, index: number) => string;
}

/**
 * Runs the operator of a diagram on its sources in virtual time, a column being a millisecond; gives the lanes that come
 * out: the result first, then those of the groups it emits or of the gate that it holds.
 */
export function playDiagram({ sources, operator, results }: Diagram, { read, write }: Vocabulary): Lane[] {
  const lanes: Lane[] = [];
  // The clock of RxJS is virtual within `run`, also for `timer`.
  new TestScheduler(() => undefined).run(() => {
    const gate = new rxdelta.FlowGate();
    const saveIn7Ms = (value: unknown) => timer(7).pipe(map(() => value));
    const scope = { ...rxdelta, gate, saveIn7Ms };
    const through = runInNewContext(operator, scope) as OperatorFunction<unknown, unknown>;
    const watch = (observed: Observable<unknown>, name: string, label: (value: never, index: number) => string) => {
      const lane: Lane = { name, from: asyncScheduler.now(), to: 0, marbles: [] };
      lanes.push(lane);
      let count = 0;
      const note = (what: Marble['what'], text = '') =>
        lane.marbles.push({ column: asyncScheduler.now(), what, label: text });
      observed.subscribe({
        next: (value) => {
          if (isObservable(value)) watch(value, `${name.replace(/s$/, '')} ${lane.marbles.length}`, write);
          note(
            'value',
            isObservable(value) ? String((value as { key?: unknown }).key) : label(value as never, count++),
          );
        },
        error: () => note('error'),
        complete: () => note('complete'),
      });
    };
    watch(subscribedInTurn(sources, read).pipe(through), results[0]?.name ?? '', write);
    if (results.some(({ name }) => name === 'gate')) watch(gate.open$, 'gate', (isOpen) => (isOpen ? 'open' : 'held'));
  });
  return lanes.sort((a, b) => order(results, a) - order(results, b));
}

function order(results: Lane[], { name }: Lane): number {
  return results.findIndex((lane) => lane.name === name);
}

/** The first subscription gets the first lane, and so on; each must come when its lane says. */
function subscribedInTurn(sources: Lane[], read: (label: string) => unknown): Observable<unknown> {
  let count = 0;
  return new Observable((subscriber) => {
    const lane = sources[count++];
    if (lane?.from !== asyncScheduler.now()) throw new Error(`Subscribed at ${asyncScheduler.now()}, not as drawn`);
    for (const { what, column, label } of lane.marbles) {
      const play = () => {
        if (what === 'value') subscriber.next(read(label));
        else if (what === 'complete') subscriber.complete();
        else subscriber.error(new rxdelta.APIConnectionError('broken', { phase: 'body' }));
      };
      subscriber.add(asyncScheduler.schedule(play, column - lane.from));
    }
  });
}
