import assert from "node:assert/strict";
import { RequestArguments } from "../../../src/net/control/request_arguments.ts";

Deno.test("RequestArguments gives each argument by its type", () => {
  const given = new RequestArguments({ client: "a", session: true, age: 7 });
  assert.equal(given.text("client"), "a");
  assert.equal(given.flag("session"), true);
  assert.equal(given.number("age"), 7);
  assert.deepEqual([given.text("user"), given.flag("all"), given.number("n")], [
    undefined,
    false,
    undefined,
  ]);
  given.end();
});

Deno.test("RequestArguments refuses what is not known, or of another type", () => {
  const given = new RequestArguments({ client: "a", session: true });
  given.text("client");
  assert.throws(() => given.end(), /Cannot read 'session' of the request: .*another version/);
  assert.throws(() => new RequestArguments({ client: 7 }).text("client"), /Cannot read 'client'/);
});
