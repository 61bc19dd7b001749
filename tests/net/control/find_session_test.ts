import assert from "node:assert/strict";
import { findSession } from "../../../src/net/control/find_session.ts";
import type { Server } from "../../../src/net/server.ts";
import { ANONYMOUS } from "../../support/fake_client.ts";
import { Core } from "../../support/core.ts";

/** A broker with a session for each of these, all of them away. */
function serverWith(...names: string[]): Server {
  const { broker } = new Core();
  for (const name of names) broker.createSession(name, ANONYMOUS);
  return { broker } as Server;
}

const STREAM = { rest: () => undefined };

Deno.test("findSession() finds one by its name, or by what a terminal shows of it", async () => {
  const server = serverWith("kitchen", "a\x1b[31m");
  for (const [typed, found] of [["kitchen", "kitchen"], ["a\\x1b[31m", "a\x1b[31m"]] as const) {
    const { session } = await findSession(server, typed, STREAM);
    assert.equal(session?.clientIdentifier, found);
  }
});

Deno.test("findSession() names the nearest of those that are meant, among many", async () => {
  const names = Array.from({ length: 250 }, (_, index) => `sensor-${index}-of-the-cellar`);
  const server = serverWith(...names, "kitchen", "kitchens");
  assert.deepEqual(await findSession(server, "kitchne", STREAM), {
    session: undefined,
    hint: " (did you mean 'kitchen'?)",
  });
  const isMeant = ({ clientIdentifier }: { clientIdentifier: string }) =>
    clientIdentifier !== "kitchen";
  assert.equal(
    (await findSession(server, "kitchne", STREAM, isMeant)).hint,
    " (did you mean 'kitchens'?)",
  );
  assert.equal((await findSession(server, "attic", STREAM)).hint, "");
});

Deno.test("findSession() gives others their turn", async () => {
  let turns = 0;
  const stream = { rest: () => Promise.resolve(void turns++) };
  await findSession(serverWith("a", "b", "c"), "x", stream);
  assert.equal(turns, 3);
});
