// Prints the text of an answer piece by piece, as it arrives. Run it: npx tsx docs/examples/basic.ts
import { contentDeltas, createClient } from 'rxdelta';

// Reads OPENAI_API_KEY and OPENAI_BASE_URL from the environment.
const client = createClient();

const answer = client.chat.completions.stream({
  model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Write a story about a robot' }],
});

// Nothing has been sent so far: subscribing makes the request.
answer.pipe(contentDeltas()).subscribe({
  next: (text) => process.stdout.write(text),
  error: (error: unknown) => {
    console.error(String(error));
    process.exitCode = 1;
  },
  complete: () => console.log(),
});
