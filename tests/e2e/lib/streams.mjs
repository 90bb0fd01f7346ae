// A language model in the hands of a test: what it writes comes as a stream, in pieces.
import { once } from 'node:events';
import { createServer } from 'node:http';

// Some servers write an empty reason into every piece.
export const piece = (content) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: '' }] })}\n\n`;
export const begins = (answer) => answer.writeHead(200, { 'content-type': 'text/event-stream' });
export const whole = (answer, text) => begins(answer).end(`${piece(text)}data: [DONE]\n\n`);

/** A server that speaks as OpenAI's does: `how(asked, answer)` writes. What it was asked is kept. */
export async function model(t, how) {
  const calls = [];
  const server = createServer(async (asked, answer) => {
    let text = '';
    for await (const chunk of asked) text += chunk;
    const call = { method: asked.method, path: asked.url, headers: asked.headers, body: JSON.parse(text), closed: false };
    answer.on('close', () => (call.closed = true));
    calls.push(call);
    await how(call, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => (server.closeAllConnections(), server.close()));
  return { url: `http://127.0.0.1:${server.address().port}/v1`, calls };
}
