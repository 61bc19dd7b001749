import assert from "node:assert/strict";
import { DatabaseBuilder } from "./database_fixture.ts";
import { importBuilt, NOW_MS } from "./imported_store.ts";

Deno.test("nothing is said of a file that was carried over whole", async () => {
  const { report } = await importBuilt(
    new DatabaseBuilder().message().client("a").clientMessage("a").subscription("a", "t")
      .retained(),
  );
  assert.deepEqual(report, {
    fileVersion: 6,
    retained: 1,
    sessions: 1,
    subscriptions: 1,
    queued: 1,
    inflight: 0,
    inbound: 0,
    changed: [],
    lost: [],
    hints: [],
    notGivenTo: undefined,
  });
});

Deno.test("what was left out or changed is said in one line for each kind", async () => {
  const { report } = await importBuilt(
    new DatabaseBuilder().message().message({ key: 2, expiryTime: 5 })
      .client("over", { interval: 1, expiryTime: NOW_MS / 1000 })
      .client("a", { username: "anna" }).client("b", { username: "anna\0..." })
      .client("c", { username: "anna" }).clientMessage("c", { key: 2 }).client("local.x"),
    { bridges: ["local.x"] },
  );
  assert.deepEqual(report.changed.map((line) => line.replace(/(:|that Mosq).*/, "")), [
    "1 session had expired",
    "1 message had expired",
    "2 sessions had a User Name ",
    "1 message belonged to no stored session and no retained topic",
    "session 'local.x' is that of a bridge",
  ]);
  assert.deepEqual(report.lost, []);
});

Deno.test("what is missing in the file is lost", async () => {
  const { report } = await importBuilt(
    new DatabaseBuilder().client("a").clientMessage("a", { key: 5 }).subscription("b", "t")
      .subscription("c", "t").subscription("a", "a/b#").chunk(50, () => {}),
  );
  assert.deepEqual(report.lost, [
    "1 reference to messages that are not in the file",
    "2 entries of clients that are not in the file",
    "1 entry of a kind that is not known",
    `subscription to 'a/b#' of client 'a': "#" does not stand alone in its level`,
  ]);
});

Deno.test("a file that Mosquitto wrote while it was running may not be the last word", async () => {
  const { report } = await importBuilt(new DatabaseBuilder(6, false));
  assert.match(report.hints.join(), /while it was running .* systemctl stop mosquitto/);
});
