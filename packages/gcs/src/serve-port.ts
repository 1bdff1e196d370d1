import type { MessagePort } from 'node:worker_threads';
import type { GcsServer } from './gcs-server.ts';
import type { ClientMessage } from './protocol.ts';

/** Serves one client at a port, which the server then owns. `onClosed`: the client, or the server, has closed it. */
export function servePort(server: GcsServer, port: MessagePort, onClosed: () => void = () => {}): void {
  const connection = server.connect({
    deliver: (message) => port.postMessage(message),
    end: () => port.close(),
  });
  port.on('message', (message: ClientMessage) => {
    if ('requests' in message) connection.receive(message.requests);
    else servePort(server, message.connect);
  });
  port.on('close', () => {
    connection.close();
    onClosed();
  });
}
