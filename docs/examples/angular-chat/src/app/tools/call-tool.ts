import { calculate } from './calculate';
import { weatherIn } from './weather-in';

/** Runs a tool. The result is JSON for the model; so is what went wrong, since the model can try again. */
export function callTool(name: string, json: string): string {
  try {
    return JSON.stringify(resultOf(name, JSON.parse(json) as Record<string, unknown>));
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : String(error) });
  }
}

function resultOf(name: string, given: Record<string, unknown>): object {
  switch (name) {
    case 'get_weather':
      return weatherIn(String(given['city']));
    case 'calculate':
      return { value: calculate(String(given['expression'])) };
    default:
      throw new Error(`There is no tool ${name}`);
  }
}
