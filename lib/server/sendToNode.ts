import { Subscription, type Observable } from 'rxjs';
import type { NodeResponse } from './NodeResponse.ts';
import { nodeReader } from './nodeReader.ts';
import type { SendOptions } from './SendOptions.ts';
import { sendText } from './sendText.ts';

/** Sends events as the answer of a server of Node, until they are written or whoever reads them has left. */
export function sendToNode(
  events: Observable<string>,
  response: NodeResponse,
  options: SendOptions<never>,
  reader = nodeReader(response),
): Subscription {
  const ended = new Subscription();
  // A response fails when its connection does: that is told by its close.
  response.on('error', () => undefined);
  if (response.destroyed === true || response.writableEnded) {
    ended.unsubscribe();
    return ended;
  }
  const { subscription, resume, leave } = sendText(events, reader, options);
  response.on('drain', resume);
  const close = () => {
    leave();
    ended.unsubscribe();
  };
  response.on('close', close);
  const { req: { socket } = {} } = response;
  if (response.socket === null && socket) {
    // A response that waits for the one before it is not told of the end of their connection.
    socket.on('close', close);
    ended.add(() => socket.removeListener('close', close));
  }
  ended.add(subscription);
  return ended;
}
