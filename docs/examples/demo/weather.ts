import type { ToolCall } from 'rxdelta';

/** What a tool gave for a call. */
export interface ToolResult {
  call: ToolCall;
  output: string;
}

/** What `get_weather` gives, as JSON. */
export interface Weather {
  city: string;
  celsius: number;
  sky: string;
}

/** The function that the model is offered, as JSON Schema. */
export const weatherTool = {
  name: 'get_weather',
  description: 'The weather of a city right now',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
};

/**
 * Calls the tool that the model asked for. The weather is made up, and the same everywhere.
 *
 * @throws ToolArgumentsError when the model's arguments are not JSON
 */
export function callTool(call: ToolCall): string {
  if (call.name !== weatherTool.name) return JSON.stringify({ error: `There is no tool ${call.name}` });
  const { city } = call.parsed<{ city: string }>();
  const weather: Weather = { city, celsius: 17, sky: 'light rain' };
  return JSON.stringify(weather);
}
