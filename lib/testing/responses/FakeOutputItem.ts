/** A call of a function, among the items of a Response. */
export interface FakeFunctionCall {
  /** The name of the function. */
  name: string;
  /** The arguments: an object, or their text as it is, which need not be JSON. */
  arguments: object | string;
  /** The `call_id`, which the result is sent back with. Default `call_1`, `call_2` and so on, by the place of the item. */
  callId?: string | undefined;
}

/** A call of a custom tool, whose input is free text. */
export interface FakeCustomToolCall {
  /** The name of the tool. */
  name: string;
  /** What it is given. */
  input: string;
  /** As in `FakeFunctionCall`. */
  callId?: string | undefined;
}

/** What the model puts out: one item of a Response. */
export type FakeOutputItem =
  | { text: string }
  | { refusal: string }
  | { reasoning: string }
  | { functionCall: FakeFunctionCall }
  | { customToolCall: FakeCustomToolCall };
