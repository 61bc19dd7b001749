/**
 * A reload of a server in this process: all of it or nothing, and one after the other.
 */

import assert from "node:assert/strict";
import type { Configuration, ReadConfiguration } from "../../src/config/configuration.ts";
import { controlPath } from "../../src/config/control_path.ts";
import { defaultSettings } from "../../src/config/read.ts";
import type { Settings } from "../../src/config/settings.ts";
import { AccessSetup, type PreparedAccess } from "../../src/net/access_setup.ts";
import { createServer } from "../../src/net/create_server.ts";
import { Reloader } from "../../src/net/reload.ts";
import type { Server } from "../../src/net/server.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { RawClient } from "../support/raw_client.ts";

const NOTHING = "Nothing has changed: the new configuration cannot be used";

/** Counts what is prepared and not closed yet. */
class CountingSetup extends AccessSetup {
  open = 0;

  override async prepare(configuration: Configuration): Promise<PreparedAccess> {
    const prepared = await super.prepare(configuration);
    this.open++;
    const close = () => {
      this.open--;
      prepared.close();
    };
    return { ...prepared, close };
  }
}

/** A server on loopback whose next configuration a test sets. */
class ReloadFixture implements AsyncDisposable {
  readonly setup = new CountingSetup();
  readonly log = new CapturedLog("error");
  /** What is read next. */
  next: ReadConfiguration;
  /** Settings whose logging was put to use. */
  readonly applied: Settings[] = [];
  server!: Server;
  reloader!: Reloader;

  private constructor(readonly settings: Settings) {
    this.next = read(settings);
  }

  static async start(): Promise<ReloadFixture> {
    const settings = defaultSettings();
    const [listener] = settings.listeners;
    assert(listener !== undefined);
    const listeners = [{ ...listener, address: "127.0.0.1", port: 0 }];
    const fixture = new ReloadFixture({ ...settings, listeners });
    await fixture.#start();
    return fixture;
  }

  async #start(): Promise<void> {
    const configuration = { settings: this.settings, places: undefined };
    const prepared = await this.setup.prepare(configuration);
    this.server = createServer(this.settings, { access: prepared });
    await this.server.start();
    this.reloader = new Reloader({
      server: this.server,
      access: this.setup,
      configuration,
      prepared,
      read: () => Promise.resolve(this.next),
      applyLogging: ({ settings }) => this.applied.push(settings),
    });
  }

  connect(): Promise<RawClient> {
    const address = this.server.listeners.all[0]?.addresses[0] as Deno.NetAddr;
    return RawClient.connect({ hostname: "127.0.0.1", port: address.port }, 5);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reloader.close();
    assert.equal(this.setup.open, 0);
    await this.server.stop();
    this.setup.close();
    this.log[Symbol.dispose]();
  }
}

function read(settings: Settings): ReadConfiguration {
  return { ok: true, configuration: { settings, places: undefined } };
}

function withLimits(settings: Settings, limits: Partial<Settings["limits"]>): Settings {
  return { ...settings, limits: { ...settings.limits, ...limits } };
}

Deno.test("a reload puts limits to use, for those who are connected too, and logging last", async () => {
  await using fixture = await ReloadFixture.start();
  const { settings, server, reloader } = fixture;
  using client = await fixture.connect();
  const changed = withLimits(settings, { maxConnections: 7, maxTopicLengthBytes: 5 });
  fixture.next = read(changed);
  assert.deepEqual(await reloader.reload(), {
    ok: true,
    lines: ["limits.max_connections: 7, was 10000", "limits.max_topic_length: 5 bytes, was 4 KiB"],
  });
  assert.equal(server.limits.maximumConnections, 7);
  assert.equal(reloader.configuration.settings, changed);
  assert.deepEqual(fixture.applied, [changed]);
  assert.ok(await client.publish("12345", "", { qos: 1 }) < 0x80);
  await client.send(client.publishPacket("123456", "", { qos: 1 }));
  await client.expectRefusal(0x90);
});

Deno.test("a reload says what holds from the next start on only", async () => {
  await using fixture = await ReloadFixture.start();
  const { settings, reloader } = fixture;
  const persistence = { ...settings.persistence, durability: "off" } as const;
  fixture.next = read({ ...withLimits(settings, { topicCacheSize: 1000 }), persistence });
  const { lines } = await reloader.reload();
  assert.equal(lines.length, 2);
  for (const line of lines) assert.match(line, / \(from the next start on\)$/);
});

Deno.test("a reload that names another place for the data says where the socket stays", async () => {
  await using fixture = await ReloadFixture.start();
  const { settings, reloader } = fixture;
  const socket = controlPath(settings.persistence);
  fixture.next = read({
    ...settings,
    persistence: { ...settings.persistence, path: "/elsewhere/broker.db" },
  });
  const wanted = `Until the next start, 'broker reload', 'broker status' and the like need ` +
    `--socket '${socket}'`;
  assert.equal((await reloader.reload()).lines.at(-1), wanted);
  // It was not changed since, and the socket is still elsewhere.
  assert.deepEqual((await reloader.reload()).lines.slice(1), [wanted]);
  fixture.next = read(settings);
  assert.equal((await reloader.reload()).lines.includes(wanted), false);
});

Deno.test("a reload that is refused changes nothing and leaves nothing open", async () => {
  await using fixture = await ReloadFixture.start();
  const { settings, server, reloader } = fixture;
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [listener] = settings.listeners;
  assert(listener !== undefined);
  const limits = withLimits(settings, { maxConnections: 7 });
  const before = server.listeners.all;
  fixture.next = { ok: false, report: "broker.yaml:1:1: wrong\n    1 | x\n" };
  assert.deepEqual(await reloader.reload(), {
    ok: false,
    lines: [NOTHING, "broker.yaml:1:1: wrong", "    1 | x"],
  });
  const second = { ...listener, name: "second", port: taken.addr.port };
  const impossible = [
    { ...limits, listeners: [...settings.listeners, second] },
    { ...limits, aclFiles: ["/nonexistent/acl"] },
  ];
  for (const wrong of impossible) {
    fixture.next = read(wrong);
    const { ok, lines } = await reloader.reload();
    assert.deepEqual([ok, lines[0], lines.length], [false, NOTHING, 2]);
  }
  assert.equal(reloader.configuration.settings, settings);
  assert.equal(server.limits.maximumConnections, settings.limits.maxConnections);
  assert.deepEqual([server.listeners.all, fixture.applied], [before, []]);
  assert.equal(fixture.setup.open, 1);
});

Deno.test("reloads that are asked for together are done one after the other", async () => {
  await using fixture = await ReloadFixture.start();
  const { settings, reloader } = fixture;
  fixture.next = read(withLimits(settings, { maxConnections: 7 }));
  const reports = [reloader.reload(), reloader.reload()];
  await reloader.idle();
  assert.deepEqual((await Promise.all(reports)).map(({ lines }) => lines), [
    ["limits.max_connections: 7, was 10000"],
    ["No setting has changed; files were read again"],
  ]);
  assert.equal(fixture.setup.open, 1);
});

Deno.test("a reload closes the connections of a listener that is gone, and counts them", async () => {
  await using fixture = await ReloadFixture.start();
  const { settings, reloader } = fixture;
  const [listener] = settings.listeners;
  assert(listener !== undefined);
  using client = await fixture.connect();
  fixture.next = read({ ...settings, listeners: [{ ...listener, name: "other" }] });
  const { lines } = await reloader.reload();
  assert.equal(lines.at(-1), "Connections closed, as they would have to log in anew: 1");
  await client.expectRefusal(0x98);
});

Deno.test("a listener that is renamed keeps its clients, known by the new name", async () => {
  await using fixture = await ReloadFixture.start();
  const { settings, server, reloader } = fixture;
  const { port } = server.listeners.all[0]?.addresses[0] as Deno.NetAddr;
  const [listener] = settings.listeners;
  assert(listener !== undefined);
  const fixed = { ...listener, port, name: "first" };
  // The port is known now, and taken: it is changed to it in two steps.
  fixture.next = read({ ...settings, listeners: [{ ...fixed, address: "127.0.0.2" }] });
  await reloader.reload();
  fixture.next = read({ ...settings, listeners: [fixed] });
  await reloader.reload();
  using client = await fixture.connect();
  fixture.next = read({ ...settings, listeners: [{ ...fixed, name: "garden" }] });
  const { ok } = await reloader.reload();
  const names = [...server.broker.sessions.values()].map(({ identity }) => identity.listener);
  assert.deepEqual([ok, names], [true, ["garden"]]);
  await client.barrier();
});
