import assert from "node:assert/strict";
import { settled } from "../net/fake_sink.ts";
import { publishPacket } from "../support/packets.ts";
import { ClientFixture } from "./client_fixture.ts";

Deno.test("pause() reads nothing more until resume(), and Keep Alive goes on meanwhile", async () => {
  const fixture = new ClientFixture({ keepAlive: 10 });
  const server = await fixture.connected();
  fixture.client.pause();
  // The read that waits already still brings something.
  await server.send(publishPacket("a", "1"));
  const before = [...fixture.delivered];
  await server.send(publishPacket("a", "2"));
  await fixture.clock.advance(35_000);
  assert.deepEqual(fixture.delivered, before);
  assert.deepEqual([...new Set(server.taken())], ["PINGREQ"]);
  fixture.client.resume();
  await settled();
  assert.equal(fixture.delivered.length, before.length + 1);
  fixture.client.close();
  assert.deepEqual(await fixture.client.ended, { kind: "requested" });
});

Deno.test("a client that is paused can be closed", async () => {
  const fixture = new ClientFixture();
  const server = await fixture.connected();
  fixture.client.pause();
  await server.send(publishPacket("a", "1"));
  fixture.client.close();
  assert.deepEqual(await fixture.client.ended, { kind: "requested" });
});
