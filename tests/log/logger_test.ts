/**
 * Loggers: which lines they let through, and what they hand on. How lines look and where they go is
 * in format_test.ts and configure_test.ts.
 */

import assert from "node:assert/strict";
import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";
import { getLogger, LOG_ROOT, Logger, type LogLevel } from "../../src/log/logger.ts";

const LEVELS: readonly LogLevel[] = ["error", "warning", "info", "debug"];

/** What reaches LogTape while `run` is running. */
function recordsOf(run: () => void): LogRecord[] {
  const records: LogRecord[] = [];
  configureSync({
    sinks: { kept: (record) => void records.push(record) },
    loggers: [
      { category: [LOG_ROOT], sinks: ["kept"], lowestLevel: "trace" },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "fatal" },
    ],
  });
  try {
    run();
  } finally {
    resetSync();
  }
  return records;
}

/** The levels that a logger lets through, and those that it says are enabled. */
function levelsOf(logger: Logger): [written: string[], enabled: string[], debug: boolean] {
  const records = recordsOf(() => {
    for (const level of LEVELS) logger[level](`a line of level ${level}`);
  });
  return [
    records.map(({ level }) => level),
    LEVELS.filter((level) => logger.isEnabled(level)),
    logger.isDebugEnabled,
  ];
}

Deno.test("a Logger writes its level and everything more serious, and says so beforehand", () => {
  const logger = new Logger("client");
  LEVELS.forEach((level, index) => {
    logger.setLevel(level);
    const expected = LEVELS.slice(0, index + 1);
    assert.deepEqual(levelsOf(logger), [expected, expected, level === "debug"], level);
  });
});

Deno.test("a Logger without a level writes nothing, at first and again later", () => {
  const logger = new Logger("client");
  assert.deepEqual(levelsOf(logger), [[], [], false]);
  logger.setLevel("debug");
  logger.setLevel(undefined);
  assert.deepEqual(levelsOf(logger), [[], [], false]);
});

Deno.test("a line carries its part, its text as written, and its values", () => {
  const logger = new Logger("message");
  logger.setLevel("debug");
  const error = new Error("x");
  const records = recordsOf(() => {
    logger.info("Client '{client}' sent {bytes} bytes", { client: "{bytes}", bytes: 5 });
    logger.error("Failed", { error });
    logger.debug("Nothing more");
  });
  assert.deepEqual(
    records.map(({ category, level, rawMessage, properties }) => ({
      category,
      level,
      rawMessage,
      properties,
    })),
    [
      {
        category: ["broker", "message"],
        level: "info",
        rawMessage: "Client '{client}' sent {bytes} bytes",
        properties: { client: "{bytes}", bytes: 5 },
      },
      {
        category: ["broker", "message"],
        level: "error",
        rawMessage: "Failed",
        properties: { error },
      },
      {
        category: ["broker", "message"],
        level: "debug",
        rawMessage: "Nothing more",
        properties: {},
      },
    ],
  );
  assert.deepEqual(records[0]?.message, ["Client '", "{bytes}", "' sent ", 5, " bytes"]);
});

Deno.test("getLogger() gives each part one logger", () => {
  assert.equal(getLogger("client"), getLogger("client"));
  assert.notEqual(getLogger("client"), getLogger("server"));
  assert.deepEqual([getLogger("client").part, getLogger("server").part], ["client", "server"]);
});
