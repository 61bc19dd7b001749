import assert from "node:assert/strict";
import { ClientFights, hostOf } from "../../src/net/login_fights.ts";

const ONE = "192.0.2.1:5000";
const OTHER = "192.0.2.2:6000";

/** Two hosts take "c" from each other, `times` times. */
function fight(fights: ClientFights, times: number, nowMs = 0) {
  const told = [];
  for (let time = 0; time < times; time++) {
    const [older, newer] = time % 2 === 0 ? [ONE, OTHER] as const : [OTHER, ONE] as const;
    const outcome = fights.tookOver("c", older, newer, nowMs);
    if (outcome !== undefined) told.push(outcome);
  }
  return told;
}

Deno.test("ClientFights takes one or two take-overs for a client that comes back", () => {
  const fights = new ClientFights();
  assert.deepEqual(fight(fights, 2), []);
  assert.equal(fights.delayMs("c", 0), 0);
});

Deno.test("ClientFights tells a fight between two hosts once, with both addresses", () => {
  const fights = new ClientFights();
  assert.deepEqual(fight(fights, 20), [{ clientIdentifier: "c", addresses: [ONE, OTHER] }]);
});

Deno.test("ClientFights makes a fight slower and slower, and no other client", () => {
  const fights = new ClientFights();
  fight(fights, 3);
  const delays = [fights.delayMs("c", 0)];
  for (let time = 0; time < 5; time++) {
    fight(fights, 1);
    delays.push(fights.delayMs("c", 0));
  }
  assert.deepEqual(delays, [250, 500, 1000, 2000, 4000, 4000]);
  assert.equal(fights.delayMs("d", 0), 0);
});

Deno.test("ClientFights sees a fight on one host, too, when it goes on", () => {
  const fights = new ClientFights();
  const told = Array.from(
    { length: 6 },
    (_, time) => fights.tookOver("c", `192.0.2.1:${time}`, `192.0.2.1:${time + 1}`, time * 1000),
  );
  assert.deepEqual(told.map((one) => one !== undefined), [
    false,
    false,
    false,
    false,
    false,
    true,
  ]);
  assert.equal(fights.delayMs("c", 6000), 250);
});

Deno.test("ClientFights forgets a fight that is over", () => {
  const fights = new ClientFights();
  fight(fights, 10);
  assert.equal(fights.delayMs("c", 29_999), 4000);
  assert.equal(fights.delayMs("c", 30_000), 0);
  fights.tick(30_000);
  assert.equal(fights.seriesCount, 0);
  assert.equal(fight(fights, 3, 40_000).length, 1);
});

Deno.test("ClientFights' table stays bounded", () => {
  const fights = new ClientFights(10);
  for (let client = 0; client < 1000; client++) fights.tookOver(`c${client}`, ONE, OTHER, 0);
  assert.equal(fights.seriesCount, 10);
});

Deno.test("hostOf() takes the port off", () => {
  assert.deepEqual(["192.0.2.1:80", "[fe80::1]:80", "unix:/run/x"].map(hostOf), [
    "192.0.2.1",
    "[fe80::1]",
    "unix:/run/x",
  ]);
});
