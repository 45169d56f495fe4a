// Reads the events of the Responses API, one case for each type. Run it: npx tsx docs/examples/responses-events.ts
import { createClient } from 'rxdelta';

const answer = createClient().responses.stream({
  model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
  input: 'Write a story about a robot',
});

// For the text alone, `contentDeltas()` and `accumulateContent()` read these events too.
answer.subscribe({
  next: (event) => {
    switch (event.type) {
      case 'response.created':
        console.log(`Response ${event.response.id} has begun`);
        break;
      case 'response.output_item.added':
        console.log(`Output ${event.output_index}: ${event.item.type}`);
        break;
      case 'response.output_text.delta':
        process.stdout.write(event.delta);
        break;
      case 'response.output_text.done':
        console.log(`\nThe text has ${event.text.length} characters`);
        break;
      case 'response.completed':
        console.log(`Response ${event.response.status}; tokens written: ${event.response.usage?.output_tokens ?? '?'}`);
        break;
      default: // There are many more; each passes through as it came.
    }
  },
  error: (error: unknown) => {
    console.error(String(error));
    process.exitCode = 1;
  },
});
