// Stores an answer piece by piece, while the server waits for the slow store. Run it: npx tsx docs/examples/slow-consumer.ts
import { setTimeout } from 'node:timers/promises';
import { count, skip } from 'rxjs';
import { concatMapGated, contentDeltas, createClient, FlowGate } from 'rxdelta';

/** Stands for a database. */
async function store(text: string): Promise<string> {
  return setTimeout(20, text);
}

// The request reads while the gate is open; the operator holds it while too many pieces wait.
const gate = new FlowGate();

const answer = createClient().chat.completions.stream(
  {
    model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Write a story about a robot' }],
  },
  { gate },
);

gate.open$.pipe(skip(1)).subscribe((isOpen) => console.log(isOpen ? 'The server goes on' : 'The server waits'));

answer.pipe(contentDeltas(), concatMapGated(gate, store, { highWaterMark: 8 }), count()).subscribe({
  next: (pieces) => console.log(`Stored ${pieces} pieces`),
  error: (error: unknown) => {
    console.error(String(error));
    process.exitCode = 1;
  },
});
