import type { ChatCompletionMessageParam } from 'rxdelta/openai';
import type { Round, Turn } from './turn';

/** A conversation as the API takes it. What failed or was stopped is told as far as it came. */
export function messagesOf(turns: readonly Turn[], question: string): ChatCompletionMessageParam[] {
  return [
    ...turns.flatMap((turn): ChatCompletionMessageParam[] => [
      { role: 'user', content: turn.question },
      ...turn.answer.rounds.flatMap(messagesOfRound),
    ]),
    { role: 'user', content: question },
  ];
}

/** What the model wrote, and the result of each tool that it called. Calls that were never run are left out. */
export function messagesOfRound({ text, calls }: Round): ChatCompletionMessageParam[] {
  const ran = calls.filter(({ result }) => result !== undefined);
  if (text === '' && ran.length === 0) return [];
  return [
    {
      role: 'assistant',
      content: text || null,
      ...(ran.length > 0 && {
        tool_calls: ran.map(({ id, name, arguments: json }) => ({
          id,
          type: 'function' as const,
          function: { name, arguments: json },
        })),
      }),
    },
    ...ran.map(({ id, result = '' }) => ({ role: 'tool' as const, tool_call_id: id, content: result })),
  ];
}
