// Builds the whole answer up from one request: its text so far, and more. Run it: npx tsx docs/examples/accumulating.ts
import { connect, count, filter, forkJoin, last, map, tap } from 'rxjs';
import { accumulateContent, createClient } from 'rxdelta';

const answer = createClient().chat.completions.stream({
  model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Write a story about a robot' }],
});

answer
  .pipe(
    // Subscribing twice would make two requests; `connect` shares the chunks of one.
    connect((chunks) =>
      forkJoin({
        // Each value is the text so far: what a user interface would draw. The last one is the whole.
        text: chunks.pipe(
          accumulateContent(),
          tap((soFar) => console.log(`${soFar.length} characters so far`)),
          last(null, ''),
        ),
        finishReason: chunks.pipe(
          map((chunk) => chunk.choices[0]?.finish_reason),
          filter(Boolean),
          last(null, 'none'),
        ),
        chunkCount: chunks.pipe(count()),
      }),
    ),
  )
  .subscribe({
    next: ({ text, finishReason, chunkCount }) => {
      console.log(`The answer came in ${chunkCount} chunks; finish reason: ${finishReason}`);
      console.log(text);
    },
    error: (error: unknown) => {
      console.error(String(error));
      process.exitCode = 1;
    },
  });
