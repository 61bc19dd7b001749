/**
 * Log lines: text, journal, JSON; and that nobody can forge one.
 */

import assert from "node:assert/strict";
import type { LogRecord } from "@logtape/logtape";
import { journalFormat, jsonFormat, textFormat } from "../../src/log/format.ts";
import { isoLocal, isoUtc } from "../../src/log/time.ts";
import { inTimeZone } from "../support/time_zone.ts";

const NOON = Date.UTC(2026, 10, 23, 12, 0, 0, 7);

/** A record as LogTape makes it. */
function record(changes: Partial<LogRecord> = {}): LogRecord {
  return {
    category: ["broker", "client"],
    level: "info",
    message: ["Client '", "lamp", "' connected"],
    rawMessage: "Client '{client}' connected",
    timestamp: NOON,
    properties: { client: "lamp" },
    ...changes,
  };
}

Deno.test("isoLocal() writes local time with the offset of that moment", () => {
  const july = Date.UTC(2026, 6, 1, 23, 30);
  inTimeZone("Europe/Berlin", () => {
    assert.equal(isoLocal(NOON), "2026-11-23T13:00:00.007+01:00");
    assert.equal(isoLocal(july), "2026-07-02T01:30:00.000+02:00");
  });
  inTimeZone("America/St_Johns", () => {
    assert.equal(isoLocal(NOON), "2026-11-23T08:30:00.007-03:30");
  });
  inTimeZone("UTC", () => assert.equal(isoLocal(NOON), "2026-11-23T12:00:00.007+00:00"));
  assert.equal(isoUtc(NOON), "2026-11-23T12:00:00.007Z");
});

Deno.test("textFormat() writes time, level, part and message in columns", () => {
  const format = textFormat({ timestamps: "iso_utc", colour: false });
  assert.equal(
    format(record()),
    "2026-11-23T12:00:00.007Z info    client   Client 'lamp' connected\n",
  );
  assert.equal(
    format(record({ level: "warning", category: ["broker", "protocol"] })),
    "2026-11-23T12:00:00.007Z warning protocol Client 'lamp' connected\n",
  );
});

Deno.test("textFormat() colours the level when asked, and leaves out the time when asked", () => {
  const format = textFormat({ timestamps: "none", colour: true });
  assert.equal(
    format(record({ level: "error", message: ["Bad"] })),
    "\x1b[31merror  \x1b[0m client   Bad\n",
  );
  assert.equal(format(record({ message: ["Fine"] })), "info    client   Fine\n");
});

Deno.test("journalFormat() begins with the priority of the level", () => {
  const prefixes = (["error", "warning", "info", "debug"] as const).map((level) =>
    journalFormat(record({ level, message: ["x"] }))
  );
  assert.deepEqual(prefixes, [
    "<3>client: x\n",
    "<4>client: x\n",
    "<6>client: x\n",
    "<7>client: x\n",
  ]);
});

Deno.test("jsonFormat() writes one object a line with the values under properties", () => {
  const line = jsonFormat("iso_utc")(record({
    properties: { client: "lamp", bytes: 5n, limit: Infinity, payload: new Uint8Array(3) },
  }));
  assert.equal(line.endsWith("}\n"), true);
  assert.deepEqual(JSON.parse(line), {
    time: "2026-11-23T12:00:00.007Z",
    level: "info",
    part: "client",
    message: "Client 'lamp' connected",
    properties: { client: "lamp", bytes: "5", limit: "Infinity", payload: "3 bytes" },
  });
  assert.deepEqual(JSON.parse(jsonFormat("none")(record({ properties: {} }))), {
    level: "info",
    part: "client",
    message: "Client 'lamp' connected",
  });
});

Deno.test("a name with line ends or terminal sequences cannot forge a line in any format", () => {
  const name = "x\n2026-11-23T12:00:00.000Z error   server   Forged\r\x1b[2J\u2028\u202e\u009b1m";
  const forged = record({
    message: ["Client '", name, "' connected"],
    properties: { client: name, [`key${name}`]: 1 },
  });
  const formats = [
    textFormat({ timestamps: "iso", colour: false }),
    journalFormat,
    jsonFormat("iso"),
  ];
  for (const format of formats) {
    const lines = format(forged);
    assert.equal(lines.indexOf("\n"), lines.length - 1);
    assert.equal(/[\p{Cc}\p{Zl}\p{Bidi_Control}]/u.test(lines.slice(0, -1)), false, lines);
  }
  const parsed: { properties: { client: string } } = JSON.parse(jsonFormat("iso")(forged));
  assert.equal(parsed.properties.client, name);
});

Deno.test("an error adds its stack, every line of it indented and escaped", () => {
  const error = new Error("Cannot read\n<3>server: forged");
  error.stack = `Error: ${error.message}\n    at here\x1b[0m (file.ts:1:2)`;
  const failed = record({ level: "error", message: ["Failed: ", error], properties: { error } });
  assert.equal(
    textFormat({ timestamps: "none", colour: false })(failed),
    "error   client   Failed: Cannot read\\n<3>server: forged\n" +
      "    Error: Cannot read\n    <3>server: forged\n    at here\\x1b[0m (file.ts:1:2)\n",
  );
  assert.equal(
    journalFormat(failed),
    "<3>client: Failed: Cannot read\\n<3>server: forged\n" +
      "<3>    Error: Cannot read\n<3>    <3>server: forged\n<3>    at here\\x1b[0m (file.ts:1:2)\n",
  );
});
