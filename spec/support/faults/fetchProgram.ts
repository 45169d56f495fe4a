// A process of its own for requests through fetch: its parent tells it by messages which to make, and hears what became
// of them.
import { fetchTransport } from 'rxdelta';
import { observe, residue, watchProcess } from './observe';
import type { Question } from './FetchProcess';

const transport = fetchTransport();

watchProcess();

process.on('message', ({ id, demand }: Question) => {
  void (demand ? observe(demand, transport) : residue()).then((answer) => process.send?.({ id, answer }));
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0, answer: 'ready' });
