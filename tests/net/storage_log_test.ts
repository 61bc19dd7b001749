import assert from "node:assert/strict";
import { StorageLog } from "../../src/net/storage_log.ts";
import { CapturedLog } from "../support/captured_log.ts";

const NOTHING = { sessions: 0, subscriptions: 0, outgoing: 0, inbound: 0, retained: 0 };
const UNDAMAGED = { rows: 0, gaps: 0, reason: "" };
const OPENED = {
  path: "/d/broker.db",
  isNew: false,
  repair: undefined,
  unusable: undefined,
  isLoaded: true,
  counts: NOTHING,
};

/** The lines that `write` makes. */
function linesOf(write: (log: StorageLog) => void): string[] {
  using captured = new CapturedLog("info");
  write(new StorageLog("/d/broker.db"));
  return captured.take();
}

Deno.test("a store that is there and in order is not worth a line when it is opened", () => {
  assert.deepEqual(linesOf((log) => log.opened(OPENED)), []);
});

Deno.test("a new store is told, and what was restored", () => {
  const lines = linesOf((log) => {
    log.opened({ ...OPENED, isNew: true });
    log.restored({ sessions: 1, subscriptions: 2, messages: 3, retained: 4 });
  });
  assert.deepEqual(lines, [
    "info storage '/d/broker.db' is new: nothing was stored yet",
    "info storage Restored 1 sessions, 2 subscriptions, 3 waiting messages, 4 retained messages",
  ]);
});

Deno.test("a damaged file is an error that says where it is kept, what was recovered and what not", () => {
  const repair = {
    reason: "file is not a database",
    setAsideAs: "/d/broker.db.damaged-1",
    recovered: { ...NOTHING, sessions: 2, outgoing: 5 },
    damage: UNDAMAGED,
  };
  const damaged = { rows: 3, gaps: 1, reason: "wrong checksum" };
  const unreadable = { ...UNDAMAGED, reason: "file is not a database" };
  const [complete, partial, nothing] = linesOf((log) => {
    for (const damage of [UNDAMAGED, damaged, unreadable]) {
      log.opened({ ...OPENED, repair: { ...repair, damage } });
    }
  });
  assert.equal(
    complete,
    "error storage '/d/broker.db' was damaged: file is not a database. It is kept as " +
      "'/d/broker.db.damaged-1'. Recovered: 2 sessions, 0 subscriptions, 5 waiting messages, " +
      "0 retained messages. Nothing is missing",
  );
  assert.match(
    partial ?? "",
    /Missing: 3 damaged rows and 1 stretches that could not be read \(wrong checksum\)$/,
  );
  assert.match(nothing ?? "", /Nothing could be read: file is not a database$/);
});

Deno.test("a file that cannot be written is an error that says what holds meanwhile, once", () => {
  const lines = linesOf((log) => {
    log.opened({ ...OPENED, unusable: "attempt to write a readonly database" });
    log.opened({ ...OPENED, unusable: "it is a folder", isLoaded: false });
    log.writable(false, "database or disk is full");
    log.writable(true, "");
  });
  assert.equal(lines.length, 5);
  for (const index of [0, 1, 3]) assert.match(lines[index] ?? "", /is refused, not acknowledged/);
  assert.match(lines[2] ?? "", /cannot be read either: what is in it is missing, and stays in it/);
  assert.match(lines[3] ?? "", /^error storage Cannot write '\/d\/broker\.db': database or disk/);
  assert.equal(lines[4], "warning storage '/d/broker.db' can be written again");
});

Deno.test("a file that was replaced while the broker ran is an error that says what was done", () => {
  const repair = { reason: "it was deleted", recovered: NOTHING, damage: UNDAMAGED };
  const lines = linesOf((log) => {
    log.replaced({ ...repair, setAsideAs: undefined });
    log.replaced({ ...repair, setAsideAs: "/d/old" });
  });
  const start = "error storage '/d/broker.db' could not be used any more: it was deleted.";
  assert.deepEqual(lines, [
    `${start} Everything is written to a new file`,
    `${start} What was there is kept as '/d/old'. Everything is written to a new file`,
  ]);
});

Deno.test("a storage that has ended, and one that could not be closed, are errors", () => {
  const lines = linesOf((log) => {
    log.failed("oops");
    log.notClosed();
  });
  assert.match(lines[0] ?? "", /^error storage The storage has ended by a mistake .*: oops\./);
  assert.match(lines[1] ?? "", /^error storage The last changes could not be written to '\/d\//);
});
