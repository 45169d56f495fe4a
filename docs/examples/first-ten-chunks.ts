// Takes the first ten chunks of an answer and closes the connection. Run it: npx tsx docs/examples/first-ten-chunks.ts
import { createClient, takeChunks } from 'rxdelta';

const answer = createClient().chat.completions.stream({
  model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Count from 1 to 1000' }],
});

let count = 0;

answer.pipe(takeChunks(10)).subscribe({
  next: (chunk) => {
    count++;
    console.log(`Chunk ${count}: ${JSON.stringify(chunk.choices[0]?.delta)}`);
  },
  error: (error: unknown) => {
    console.error(String(error));
    process.exitCode = 1;
  },
  complete: () => console.log(`Done after ${count} chunks; the model stops writing.`),
});
