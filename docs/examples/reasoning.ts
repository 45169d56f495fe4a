// Tells what the model thinks from what it answers, whatever the server calls it. Run it: npx tsx docs/examples/reasoning.ts
import { connect, map, merge } from 'rxjs';
import { contentDeltas, createClient, reasoningDeltas } from 'rxdelta';

const answer = createClient().chat.completions.stream({
  model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'How many days has a leap year?' }],
});

let shown = '';

answer
  .pipe(
    // Both are read from the chunks of one request, and come out in the order they arrive.
    connect((chunks) =>
      merge(
        chunks.pipe(
          reasoningDeltas(),
          map((text) => ({ kind: 'Thought', text })),
        ),
        chunks.pipe(
          contentDeltas(),
          map((text) => ({ kind: 'Answer', text })),
        ),
      ),
    ),
  )
  .subscribe({
    next: ({ kind, text }) => {
      if (kind !== shown) process.stdout.write(`${shown && '\n'}${kind}: `);
      shown = kind;
      process.stdout.write(text);
    },
    error: (error: unknown) => {
      console.error(String(error));
      process.exitCode = 1;
    },
    complete: () => console.log(),
  });
