// Shows what is in a chunk: id, model, role, finish reason, usage. Run it: npx tsx docs/examples/chunk-fields.ts
import { createClient } from 'rxdelta';

const answer = createClient().chat.completions.stream({
  model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Write a story about a robot' }],
  // Asks for one more chunk, with the usage and without choices.
  stream_options: { include_usage: true },
});

let isFirst = true;

answer.subscribe({
  next: ({ id, model, created, choices, usage }) => {
    if (isFirst) console.log(`Answer ${id} by ${model}, begun at ${new Date(created * 1000).toISOString()}`);
    isFirst = false;

    // One choice per chunk; of several (n: 2), each chunk says by its index whose piece it brings.
    for (const { index, delta, finish_reason } of choices) {
      if (delta.role) console.log(`Choice ${index}, role: ${delta.role}`);
      if (delta.content) console.log(`Choice ${index}, content: ${JSON.stringify(delta.content)}`);
      if (finish_reason) console.log(`Choice ${index}, finish reason: ${finish_reason}`);
    }
    if (usage) console.log(`Usage: ${usage.prompt_tokens} tokens read, ${usage.completion_tokens} written`);
  },
  error: (error: unknown) => {
    console.error(String(error));
    process.exitCode = 1;
  },
});
