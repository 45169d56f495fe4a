/** The arguments of a call as the text that a model would write. */
export function argumentsText({ arguments: given }: { arguments: object | string }): string {
  return typeof given === 'string' ? given : JSON.stringify(given);
}
