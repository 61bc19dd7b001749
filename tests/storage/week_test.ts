/**
 * A week of what a broker at home has to do, with a clock that does not wait: the file stays as small
 * as it was after the first day.
 */
import { messageOf } from "../../src/error_text.ts";
import assert from "node:assert/strict";
import { PacketType, type PublishPacket } from "../../src/protocol/packet.ts";
import { SqliteJournal } from "../../src/storage/journal.ts";
import { openFile, replaceFile } from "../../src/storage/open_file.ts";
import { StoreService } from "../../src/storage/store_service.ts";
import { Core } from "../support/core.ts";
import type { FakeClient } from "../support/fake_client.ts";
import { describeFile, temporaryFolder } from "./fixture.ts";

const MEBIBYTE = 1024 * 1024;
const MINUTE_MS = 60_000;
const TICK_MS = 10 * MINUTE_MS;
const TICKS_PER_DAY = 24 * 60 * MINUTE_MS / TICK_MS;
const DAYS = 7;
const SENSORS = 30;
/** How often the phone comes home. */
const TICKS_AWAY = 40;
const PAYLOAD = "x".repeat(100);

/** Journal, service and file in this thread; timers go off when their time has come. */
class Machine {
  readonly core: Core;
  readonly journal: SqliteJournal;
  readonly #service: StoreService;
  #timers: { readonly dueMs: number; readonly action: () => void }[] = [];
  fileBytes = 0;
  commits = 0;

  constructor(path: string) {
    this.journal = new SqliteJournal({
      nowMs: () => this.core.nowMs,
      wallMs: () => this.core.nowMs,
      durability: "full",
      commitIntervalMs: 0,
      port: { commit: (batch) => void this.#later(() => this.#service.commit(batch), 0) },
      schedule: (action, delayMs) => this.#later(action, delayMs),
      soon: (action) => void this.#later(action, 0),
    });
    this.#service = new StoreService({
      open() {
        const { file, isNew, repair } = openFile(path, 0);
        return { file, report: { isNew, repair } };
      },
      loadOnly: () => undefined,
      replace: (loss, batch) => replaceFile(path, loss, batch, 0),
      describe: messageOf,
      post: (message) => {
        if (message.kind === "closed") return;
        assert.equal(message.kind, "committed");
        if (message.kind !== "committed") return;
        this.fileBytes = message.counters.fileBytes;
        this.commits++;
        this.#later(() => this.journal.committed(), 0);
      },
      after: (delayMs, action) => this.#later(action, delayMs),
    });
    this.core = new Core({}, this.journal);
  }

  #later(action: () => void, delayMs: number): () => void {
    const timer = { dueMs: this.core.nowMs + delayMs, action };
    this.#timers.push(timer);
    return () => this.#timers = this.#timers.filter((each) => each !== timer);
  }

  /** Time goes on, from timer to timer. */
  advance(milliseconds: number): void {
    const endMs = this.core.nowMs + milliseconds;
    for (;;) {
      this.#timers.sort((one, other) => one.dueMs - other.dueMs);
      const next = this.#timers[0];
      if (next === undefined || next.dueMs > endMs) break;
      this.#timers.shift();
      this.core.advance(Math.max(0, next.dueMs - this.core.nowMs));
      next.action();
    }
    this.core.advance(endMs - this.core.nowMs);
    this.core.events.take();
  }

  /** Writes what was recorded, and closes the file. */
  close(): void {
    this.advance(MINUTE_MS);
    this.#service.close();
  }
}

/** Takes what has come, and acknowledges it. */
function takeAll(client: FakeClient): number {
  let count = 0;
  for (;;) {
    const publishes = client.received().filter((packet): packet is PublishPacket =>
      packet.type === PacketType.Publish
    );
    if (publishes.length === 0) return count;
    for (const { packetIdentifier } of publishes) {
      client.acknowledge(PacketType.Puback, packetIdentifier);
    }
    count += publishes.length;
  }
}

/** The clients of a home, and what each of them does in a tick. */
class Home {
  readonly #core: Core;
  readonly #sensors: FakeClient;
  readonly #panel: FakeClient;
  #phone: FakeClient;
  received = 0;

  constructor(core: Core) {
    this.#core = core;
    this.#sensors = core.connectKept("sensors", 4);
    this.#panel = core.connectKept("panel", 4).subscribed({ topicFilter: "#", qos: 1 });
    this.#phone = core.connectKept("phone", 4).subscribed({ topicFilter: "alarm/#", qos: 1 });
    this.#phone.lose();
  }

  tick(tick: number): void {
    const packetIdentifier = 1;
    for (let sensor = 0; sensor < SENSORS; sensor++) {
      const fields = { qos: 1, retain: true, packetIdentifier } as const;
      this.#sensors.publish(`sensor/${sensor}`, `${tick} ${PAYLOAD}`, fields);
    }
    const expiring = { messageExpiryInterval: 3600 };
    const visitor = this.#core.connectKept(`visitor-${tick}`).subscribed("alarm/#");
    visitor.publish("alarm/door", PAYLOAD, { qos: 1, packetIdentifier });
    visitor.publish("alarm/old", PAYLOAD, { qos: 1, packetIdentifier, properties: expiring });
    takeAll(this.#panel);
    this.#sensors.received();
    // Its session is over an hour later.
    visitor.lose();
    if (tick % TICKS_AWAY === 0) this.#phoneComesHome();
  }

  #phoneComesHome(): void {
    this.#phone = this.#core.connectKept("phone", 4);
    this.received += takeAll(this.#phone);
    this.#phone.lose();
  }
}

Deno.test("the file does not grow under a week of ordinary load", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/broker.db`;
  const machine = new Machine(path);
  const home = new Home(machine.core);
  const largest: number[] = [];
  const databases: number[] = [];
  for (let tick = 0; tick < DAYS * TICKS_PER_DAY; tick++) {
    home.tick(tick);
    machine.advance(TICK_MS);
    const day = Math.floor(tick / TICKS_PER_DAY);
    largest[day] = Math.max(largest[day] ?? 0, machine.fileBytes);
    databases[day] = Math.max(databases[day] ?? 0, Deno.statSync(path).size);
  }
  machine.close();
  assert.ok(machine.commits >= DAYS * TICKS_PER_DAY, `${machine.commits} commits`);
  assert.ok(home.received > DAYS * TICKS_PER_DAY, `${home.received} received`);
  // The log is written back before it is larger than 4 MiB and what one commit adds.
  for (const bytes of largest) assert.ok(bytes < 5 * MEBIBYTE, `${largest}`);
  const [, second = 0, ...later] = databases;
  for (const bytes of later) assert.ok(bytes <= second * 1.25, `${databases}`);
  assert.ok(second < MEBIBYTE / 4, `${databases}`);
  const { sessions, retained } = describeFile(path);
  // Visitors whose hour is not over yet, and those who live here.
  assert.deepEqual([Object.keys(sessions).length, retained.length], [5 + 3, SENSORS]);
});
