import { endWith, from, of, toArray } from 'rxjs';
import { contentDeltas, createClient, FlowGate } from 'rxdelta';
import { fakeTransport, finish } from 'rxdelta/testing';
import { typewriter } from '../../docs/examples/cookbook/typewriter';
import { recipe } from './recipe';

describe('typewriter', () => {
  it('types evenly, and has the server wait', () => {
    recipe('typewriter', 0, ({ row, answer, expectRow, expectSubscriptions }) => {
      const transport = fakeTransport([answer('server').pipe(endWith(finish()))]);
      const gate = new FlowGate();
      const stream = createClient({ apiKey: 'key', transport }).chat.completions.stream(
        { model: 'gpt-4o-mini', messages: [] },
        { gate },
      );
      expectRow(gate.open$, 'gate');
      expectRow(stream.pipe(contentDeltas(), typewriter(gate, { everyMs: 2, highWaterMark: 1 })), 'typed');
      expectSubscriptions(transport.subscriptions).toBe(row('open'));
    });
  });

  it('leaves whole what a reader sees as one character', () => {
    recipe('typewriter', 1, ({ answer, expectRow }) => {
      expectRow(answer('deltas').pipe(contentDeltas(), typewriter(new FlowGate(), { everyMs: 1 })), 'typed');
    });
  });

  it('takes 15 ms for a character unless told otherwise', async () => {
    const begin = performance.now();
    const typed: string[][] = [];
    await from(of('abcd'))
      .pipe(typewriter(new FlowGate()), toArray())
      .forEach((characters) => typed.push(characters));
    expect(typed).toEqual([['a', 'b', 'c', 'd']]);
    expect(performance.now() - begin).toBeGreaterThan(50);
  });
});
