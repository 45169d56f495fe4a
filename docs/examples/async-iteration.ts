// Reads an answer with `for await`: the chunks, then the text alone. Run it: npx tsx docs/examples/async-iteration.ts
import { accumulateContent, createClient, toAsyncIterable } from 'rxdelta';

const answer = createClient().chat.completions.stream({
  model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Write a story about a robot' }],
});

try {
  // The stream itself can be iterated. While the body of the loop is busy, the server waits.
  for await (const chunk of answer) {
    process.stdout.write(chunk.choices[0]?.delta.content ?? '');
  }
  console.log();

  // So can any pipe of operators. Each loop makes a request of its own; leaving it closes the connection.
  for await (const text of toAsyncIterable(answer.pipe(accumulateContent()))) {
    const [sentence] = /^.*?[.!?]/s.exec(text) ?? [];
    if (!sentence) continue;
    console.log(`The first sentence: ${sentence}`);
    break;
  }
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
