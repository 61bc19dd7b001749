/**
 * A broker that runs is asked how it is doing and told what to do, from the command line.
 */

import assert from "node:assert/strict";
import type { StatusItem } from "../../src/control/items.ts";
import { askBroker } from "../../src/control/control_client.ts";
import { type FinishedRun, runBroker } from "../support/broker_process.ts";
import {
  lasting,
  ONE_LISTENER,
  publish,
  received,
  Site,
  subscribe,
  testWithReload,
} from "./access_fixture.ts";

const ADMINISTRATIVE_ACTION = 0x98;

/** Runs a command for the broker of a site. */
function run(site: Site, ...args: string[]): Promise<FinishedRun> {
  return runBroker([...args, "--config", site.configFile]);
}

/** What a command prints as JSON; it must succeed. */
async function json(site: Site, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run(site, ...args, "--json");
  assert.deepEqual([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

/** One field of each item of a list, in order. */
async function column(site: Site, key: string, field: string, ...args: string[]) {
  const items = (await json(site, ...args))[key] as Record<string, unknown>[];
  return items.map((item) => item[field]);
}

testWithReload("broker status tells how the broker is doing", async () => {
  await using site = await Site.start(ONE_LISTENER);
  await using client = await site.connect(undefined, { clientId: "tv" });
  await publish(client, "a", "x", { retain: true });
  const { code, stdout, stderr } = await run(site, "status");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, new RegExp(`^broker \\S+, process ${site.process.pid}, up `));
  assert.match(stdout, /\nListener '0': open\. Any free port on '127\.0\.0\.1'/);
  assert.match(stdout, /\nClients: +1 connected \(1 at most\), 0 away/);
  const status = await json(site, "status") as unknown as StatusItem;
  assert.equal(status.configurationFile, site.configFile);
  assert.equal(status.store?.path, `${site.folder}/broker.db`);
  assert.ok((status.store?.commits ?? 0) > 0 && status.store?.isWritable);
  assert.deepEqual([status.retained.count, status.totals.publishReceived], [1, 1]);
});

testWithReload("broker clients and sessions list who is there, and who is away", async () => {
  await using site = await Site.start(ONE_LISTENER);
  {
    await using away = await site.connect("bob", lasting("phone"));
    await subscribe(away, "a/#");
  }
  await using tv = await site.connect("ann", { clientId: "tv" });
  await publish(tv, "a/1", "waits");
  assert.deepEqual(await column(site, "clients", "clientIdentifier", "clients"), ["tv"]);
  assert.deepEqual(await column(site, "clients", "clientIdentifier", "clients", "--all"), [
    "phone",
    "tv",
  ]);
  assert.deepEqual(await column(site, "clients", "clientIdentifier", "clients", "p*"), []);
  const { stdout } = await run(site, "clients", "--user", "ann");
  assert.match(stdout, /^CLIENT IDENTIFIER .*\ntv +ann \(unproven\) +127\.0\.0\.1:\d+ /);
  assert.deepEqual(await column(site, "sessions", "queued", "sessions"), [1, 0]);
  const one = await run(site, "sessions", "phone");
  assert.match(one.stdout, /\n1 subscription\n {2}a\/#, QoS 1\nThe first 1 waiting message\n/);
  const nobody = await run(site, "sessions", "fone");
  assert.deepEqual([nobody.code, nobody.stdout], [1, ""]);
  assert.match(nobody.stderr, /^There is no session of 'fone'/);
});

testWithReload("broker kick disconnects a client, and says who is near", async () => {
  await using site = await Site.start(ONE_LISTENER);
  await using tv = await site.connect(undefined, lasting("tv-1"));
  const told = tv.event("disconnect");
  const near = await run(site, "kick", "tv-2");
  assert.deepEqual([near.code, near.stderr], [
    1,
    "There is no client 'tv-2' (did you mean 'tv-1'?)\n",
  ]);
  const { code, stdout } = await run(site, "kick", "tv-1");
  assert.equal(code, 0);
  assert.match(stdout, /^Disconnected 'tv-1' at 127\.0\.0\.1:\d+\n$/);
  assert.equal((await told as { reasonCode: number }).reasonCode, ADMINISTRATIVE_ACTION);
  assert.equal((await run(site, "kick", "tv-1")).code, 1);
  assert.equal((await run(site, "kick", "tv-1", "--session")).code, 0);
  assert.deepEqual(await column(site, "sessions", "clientIdentifier", "sessions"), []);
});

testWithReload("broker retained clear removes for good, and tells subscribers", async () => {
  const site = await Site.start(ONE_LISTENER);
  try {
    await using tv = await site.connect(undefined, { clientId: "tv" });
    for (const topic of ["a/1", "a/2", "b"]) await publish(tv, topic, "x", { retain: true });
    await subscribe(tv, "a/#");
    await received(tv, 2);
    const list = (...args: string[]) =>
      column(site, "retained", "topicName", "retained", "list", ...args);
    assert.deepEqual(await list("a/+"), ["a/1", "a/2"]);
    assert.deepEqual(await list("--older-than", "1h"), []);
    const refused = await run(site, "retained", "clear", "a/#");
    assert.deepEqual([refused.code, refused.stdout], [2, ""]);
    const dry = await run(site, "retained", "clear", "a/#", "--dry-run");
    assert.match(dry.stdout, /\nWould clear 2 retained messages \(2 bytes of payload\)\n$/);
    assert.equal((await list()).length, 3);
    const { code, stdout } = await run(site, "retained", "clear", "a/#", "--yes");
    assert.deepEqual([code, stdout], [0, "Cleared 2 retained messages (2 bytes of payload)\n"]);
    assert.deepEqual((await received(tv, 2)).sort(), ["a/1 ", "a/2 "]);
  } finally {
    await site.process.kill();
  }
  // What a power cut leaves.
  const { stdout } = await runBroker(["inspect", `${site.folder}/broker.db`, "--retained"]);
  assert.match(stdout, /^TOPIC NAME .*\nb +1 +1 +20\S+ +tv +never\n$/);
  await site[Symbol.asyncDispose]();
});

testWithReload("broker log-level holds until the next reload, packets included", async () => {
  await using site = await Site.start(ONE_LISTENER);
  await using tv = await site.connect(undefined, { clientId: "tv" });
  const levels = async (...args: string[]) =>
    (await json(site, "log-level", ...args))["levels"] as Record<string, string>;
  assert.equal((await levels())["message"], "info");
  assert.equal((await levels("debug", "message"))["message"], "debug");
  await publish(tv, "a", "x");
  await site.process.waitForLine(/debug .*Received from 'tv': PUBLISH/);
  const unknown = await run(site, "log-level", "debug", "mesage");
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /Did you mean message\?/);
  await site.reload();
  assert.equal((await levels())["message"], "info");
});

testWithReload("a broker whose data is to move is found at its old place until then", async () => {
  await using site = await Site.start(ONE_LISTENER);
  const socket = `${site.folder}/broker.db.control`;
  site.write(
    "broker.yaml",
    `${ONE_LISTENER}persistence: {path: "${site.folder}/other.db"}\n`,
  );
  const nobody = await run(site, "reload");
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /If persistence\.path has changed since it was started, name its/);
  const { code, stdout } = await runBroker(["reload", "--socket", socket]);
  assert.equal(code, 0);
  assert.match(stdout, /persistence\.path: .* \(from the next start on\)\n/);
  assert.ok(stdout.includes(`'broker status' and the like need --socket '${socket}'\n`), stdout);
  assert.equal((await runBroker(["status", "--socket", socket])).code, 0);
});

testWithReload("what another version of the program asks is refused with what to do", async () => {
  await using site = await Site.start(ONE_LISTENER);
  const socket = `${site.folder}/broker.db.control`;
  const newer = await askBroker(socket, { command: "upgrade" });
  assert.equal(newer.ok, false);
  assert.match(newer.lines.join(), /^Cannot do 'upgrade': .* If this program is a newer one/);
  const other = await askBroker(socket, { command: "status", protocol: 99 });
  assert.match(other.lines.join(), /Restart the broker with the same program/);
});

testWithReload("the control socket is for its owner alone", async () => {
  await using site = await Site.start(ONE_LISTENER);
  const { mode } = await Deno.stat(`${site.folder}/broker.db.control`);
  assert.equal((mode ?? 0) & 0o777, 0o600);
});
