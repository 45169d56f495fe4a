/** Says that the arguments of a tool call are not JSON. It keeps them as they came. */
export class ToolArgumentsError extends SyntaxError {
  override get name(): string {
    return 'ToolArgumentsError';
  }
  /** The tool that was called. */
  readonly toolName: string;
  /** The id of the call. */
  readonly callId: string;
  /** The arguments as they came. */
  readonly text: string;

  constructor(toolName: string, callId: string, text: string) {
    super(`The arguments of the call ${callId && `${callId} `}to ${toolName} are not JSON`);
    this.toolName = toolName;
    this.callId = callId;
    this.text = text;
  }
}

/** One call of a tool, by whatever form the model used. */
export class ToolCall {
  /** The choice of a chat completion that makes the call; 0 for Responses. */
  readonly choice: number;
  /** The place of the call in its choice, or in the output of a Response. */
  readonly index: number;
  /** The id to send the result with: of the call in chat, `call_id` in Responses; empty where a server gave none. */
  readonly id: string;
  /** A function with JSON arguments, a custom tool with free text, or the legacy form of a function call. */
  readonly type: 'function' | 'custom' | 'function_call';
  /** The tool. */
  readonly name: string;
  /** The arguments as they came: JSON for functions, free text for custom tools. */
  readonly arguments: string;

  constructor(fields: Omit<ToolCall, 'parsed'>) {
    this.choice = fields.choice;
    this.index = fields.index;
    this.id = fields.id;
    this.type = fields.type;
    this.name = fields.name;
    this.arguments = fields.arguments;
  }

  /**
   * The arguments as a JSON value.
   *
   * @throws ToolArgumentsError when they are not JSON
   */
  parsed<T = unknown>(): T {
    try {
      return JSON.parse(this.arguments) as T;
    } catch {
      throw new ToolArgumentsError(this.name, this.id, this.arguments);
    }
  }
}
