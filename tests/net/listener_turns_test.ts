/**
 * How a listener shares the event loop: it goes on accepting, whether connections are taken or not.
 */

import assert from "node:assert/strict";
import { Listener } from "../../src/net/listener.ts";

const CONNECTIONS = 40;

/** Opens connections to a listener whose host takes them or not; how many it was shown. */
async function shown(isWelcome: boolean): Promise<number> {
  let count = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const listener = new Listener({
    name: "test",
    address: "127.0.0.1",
    port: 0,
    path: undefined,
    maxConnections: Infinity,
    allowAnonymous: "always",
  }, {
    accepted: (transport) => {
      transport.close();
      if (++count === CONNECTIONS) resolve();
      return isWelcome;
    },
    listening: () => {},
    listenFailed: (_endpoint, error) => assert.fail(error.message),
    acceptFailed: (_endpoint, error) => assert.fail(error.message),
  });
  await listener.open();
  const { port } = listener.addresses[0] as Deno.NetAddr;
  const clients = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
  await promise;
  await listener.close();
  for (const client of clients) client.close();
  return count;
}

Deno.test("Listener accepts all that wait, with turns for others in between", async () => {
  assert.equal(await shown(true), CONNECTIONS);
});

Deno.test("Listener goes on after connections that were turned away", async () => {
  assert.equal(await shown(false), CONNECTIONS);
});
