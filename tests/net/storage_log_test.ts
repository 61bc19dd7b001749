import assert from "node:assert/strict";
import { StorageLog } from "../../src/net/storage_log.ts";
import { WRITABLE_INTERVAL_MS } from "../../src/net/writable_log.ts";
import { CapturedLog } from "../support/captured_log.ts";

const NOTHING = { sessions: 0, subscriptions: 0, outgoing: 0, inbound: 0, retained: 0 };
const UNDAMAGED = { rows: 0, gaps: 0, reason: "" };
const OPENED = {
  path: "/d/broker.db",
  isNew: false,
  repair: undefined,
  unusable: undefined,
  isLoaded: true,
  damage: undefined,
  counts: NOTHING,
};

/** The lines that `write` makes, in no time. */
function linesOf(write: (log: StorageLog) => void): string[] {
  using captured = new CapturedLog("info");
  write(new StorageLog("/d/broker.db", () => () => {}));
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
  const [gone] = linesOf((log) => {
    log.opened({ ...OPENED, repair: { ...repair, setAsideAs: undefined, damage: UNDAMAGED } });
  });
  assert.match(gone ?? "", /a database\. Nothing was left of it\. Recovered: 2 sessions/);
});

Deno.test("a file that cannot be written is an error that says what holds meanwhile", () => {
  const [first, ...others] = linesOf((log) => {
    log.opened({ ...OPENED, unusable: "attempt to write a readonly database" });
  });
  assert.match(
    first ?? "",
    /^error storage Cannot write '\/d\/broker\.db': attempt to write a readonly database\. Until /,
  );
  assert.match(first ?? "", /is refused, not acknowledged/);
  assert.deepEqual(others, []);
});

Deno.test("a file that cannot be read either, or not all of it, is an error of its own", () => {
  const unusable = { ...OPENED, unusable: "database or disk is full" };
  const [, unreadable] = linesOf((log) => log.opened({ ...unusable, isLoaded: false }));
  assert.match(
    unreadable ?? "",
    /cannot be read either: what is in it is missing, and stays in it/,
  );
  const damage = { rows: 2, gaps: 0, reason: "wrong checksum" };
  const [, damaged] = linesOf((log) => log.opened({ ...unusable, damage }));
  assert.equal(
    damaged,
    "error storage '/d/broker.db' is damaged as well, and repaired when it can be written. " +
      "Missing: 2 damaged rows and 0 stretches that could not be read (wrong checksum)",
  );
  assert.equal(linesOf((log) => log.opened({ ...unusable, damage: UNDAMAGED })).length, 1);
});

Deno.test("a file that comes and goes many times in a minute is told at once and at its end", () => {
  using captured = new CapturedLog("info");
  const timers: (() => void)[] = [];
  const log = new StorageLog("/d/broker.db", (delayMs, action) => {
    assert.equal(delayMs, WRITABLE_INTERVAL_MS);
    timers.push(action);
    return () => {};
  });
  for (const reason of ["full", "full again", "read-only"]) {
    log.writable(false, reason);
    log.writable(true, "");
  }
  assert.match(
    captured.take().join(),
    /^error storage Cannot write '\/d\/broker\.db': full\. Until/,
  );
  timers.shift()?.();
  const again = "warning storage '/d/broker.db' can be written again";
  assert.deepEqual(captured.take(), [`${again} (after 4 more changes in the last minutes)`]);
  timers.shift()?.();
  assert.deepEqual([captured.take(), timers.length], [[], 0], "there was nothing more");
});

Deno.test("what has expired while the broker was not there is told, if anything has", () => {
  const lines = linesOf((log) => {
    log.expired(NOTHING);
    log.expired({ ...NOTHING, sessions: 2, outgoing: 30, retained: 1 });
  });
  assert.deepEqual(lines, [
    "info storage Expired while the broker was not there: 2 sessions with all they had, 30 other " +
    "waiting messages, 1 retained messages",
  ]);
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
