import assert from "node:assert/strict";
import { connectFrom } from "../../src/client/bound_tcp.ts";
import { openEndpoint } from "../../src/client/open_endpoint.ts";
import { hasNodeTls } from "../../src/transport/tls_options.ts";
import { startTestBroker } from "../support/test_broker.ts";
import { endpoint, exchange } from "./endpoint_fixture.ts";

Deno.test("connectFrom() connects from the address, or says that it cannot", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const target = { host: "127.0.0.1", port, noDelay: true, place: "b:1" };
  const accepting = listener.accept();
  const connecting = connectFrom("127.0.0.2", target, undefined);
  connecting.catch(() => {});
  using conn = await accepting;
  // What Deno can do here came with what its node:tls can do.
  if (!hasNodeTls()) {
    return await assert.rejects(connecting, {
      kind: "not_supported",
      message: `Cannot connect to b:1: Deno ${Deno.version.deno} cannot connect from 127.0.0.2; ` +
        "leave the address out",
    });
  }
  const transport = await connecting;
  assert.equal((conn.remoteAddr as Deno.NetAddr).hostname, "127.0.0.2");
  await transport.closeWrite();
  assert.equal(await conn.read(new Uint8Array(9)), null);
  transport.close();
});

Deno.test("messages go over TCP from a chosen address, or it is said that they cannot", async () => {
  await using broker = await startTestBroker();
  const running = exchange(endpoint({ port: broker.port, bindAddress: "127.0.0.2" }));
  if (hasNodeTls()) return await running;
  await assert.rejects(running, { kind: "not_supported" });
});

Deno.test("openEndpoint() refuses what is no address, and says that nobody listens", async () => {
  await assert.rejects(openEndpoint(endpoint({ bindAddress: "eth0" })), {
    kind: "failed",
    message: "Cannot connect to localhost:1883: 'eth0' is not an IP address to connect from",
  });
  const place = endpoint({ host: "127.0.0.1", port: 1, bindAddress: "127.0.0.2" });
  await assert.rejects(openEndpoint(place), {
    kind: "refused",
    message: "Cannot connect to 127.0.0.1:1: connection refused; is a broker running there?",
  });
});
