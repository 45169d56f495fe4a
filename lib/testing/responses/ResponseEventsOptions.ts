import type { ResponseUsage } from '../../openai/index.ts';

/** Options of all of `responseEvents`. */
export interface ResponseEventsOptions {
  /** The id of the Response. Default `resp_1`. */
  id?: string | undefined;
  /** When it was made, in seconds since 1970. Default 1763600000. */
  createdAt?: number | undefined;
  /** The model. Default `gpt-4o-mini`. */
  model?: string | undefined;
  /** The characters (code points) of one delta. Default 4. */
  every?: number | undefined;
  /** What the answer used. Default 3 input tokens and 2 output tokens. */
  usage?: ResponseUsage | undefined;
}
