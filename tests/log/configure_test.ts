/**
 * Logging as configured: levels by part, destinations, and destinations that fail.
 */

import assert from "node:assert/strict";
import { parseSettings } from "../../src/config/load.ts";
import type { LoggingSettings } from "../../src/config/settings.ts";
import { configureLogging, isJournal, LOG_PARTS } from "../../src/log/configure.ts";
import { getLogger } from "../../src/log/logger.ts";

/** A stream that keeps what is written to it. */
class KeptStream {
  written = "";
  readonly #terminal: boolean;

  constructor(terminal = false) {
    this.#terminal = terminal;
  }

  writeSync(bytes: Uint8Array): number {
    this.written += new TextDecoder().decode(bytes);
    return bytes.length;
  }

  isTerminal(): boolean {
    return this.#terminal;
  }
}

/** An environment whose streams can be looked at. */
function environment(
  changes: {
    readonly journal?: boolean;
    readonly noColour?: boolean;
    readonly stderr?: KeptStream;
  } = {},
) {
  const stderr = changes.stderr ?? new KeptStream();
  const stdout = new KeptStream();
  return { nowMs: () => 0, noColour: false, journal: false, ...changes, stderr, stdout };
}

function loggingOf(text: string): LoggingSettings {
  const loaded = parseSettings("test.yaml", `logging: ${text}\n`);
  if (!loaded.ok) assert.fail(loaded.report);
  return loaded.settings.logging;
}

Deno.test("every part logs at its own level, the others at the common one", () => {
  const streams = environment();
  const log = configureLogging(
    loggingOf("{level: warning, levels: {client: debug, server: error}, timestamps: none}"),
    streams,
  );
  for (const part of LOG_PARTS) {
    for (const level of ["debug", "info", "warning", "error"] as const) {
      getLogger(part)[level](`${level} of {part}`, { part });
    }
  }
  log.close();
  const lines = streams.stderr.written.trimEnd().split("\n").map((line) => line.split(/ +/, 2));
  const expected = LOG_PARTS.flatMap((part) => {
    if (part === "server") return [["error", part]];
    if (part === "client") return ["debug", "info", "warning", "error"].map((l) => [l, part]);
    return [["warning", part], ["error", part]];
  });
  assert.deepEqual(lines, expected);
});

Deno.test("isEnabled() and isDebugEnabled follow the level, and are false without configuration", () => {
  const log = configureLogging(loggingOf("{level: info, levels: {message: debug}}"), environment());
  const client = getLogger("client");
  const message = getLogger("message");
  assert.deepEqual(
    [client.isEnabled("info"), client.isEnabled("debug"), client.isDebugEnabled],
    [true, false, false],
  );
  assert.deepEqual([message.isEnabled("debug"), message.isDebugEnabled], [true, true]);
  log.close();
  assert.deepEqual([client.isEnabled("error"), message.isDebugEnabled], [false, false]);
});

Deno.test("values are filled in and braces in a value are left alone", () => {
  const streams = environment();
  const log = configureLogging(loggingOf("{timestamps: none}"), streams);
  getLogger("client").info("Client '{client}' sent {bytes} bytes", { client: "{bytes}", bytes: 5 });
  log.close();
  assert.equal(streams.stderr.written, "info    client   Client '{bytes}' sent 5 bytes\n");
});

Deno.test("lines are written when the turn ends, errors at once", async () => {
  const streams = environment();
  const log = configureLogging(loggingOf("{timestamps: none}"), streams);
  getLogger("server").info("One");
  assert.equal(streams.stderr.written, "");
  await Promise.resolve();
  assert.equal(streams.stderr.written, "info    server   One\n");
  getLogger("server").error("Two");
  assert.equal(streams.stderr.written, "info    server   One\nerror   server   Two\n");
  log.close();
});

Deno.test("destinations each get every line; none gets none", () => {
  const both = environment();
  const log = configureLogging(loggingOf("{destinations: [stdout, stderr]}"), both);
  getLogger("server").info("Here");
  log.close();
  assert.match(both.stdout.written, / info {4}server {3}Here\n$/);
  assert.equal(both.stderr.written, both.stdout.written);

  const none = environment();
  const silent = configureLogging(loggingOf("{destinations: []}"), none);
  getLogger("server").error("Nowhere");
  silent.close();
  assert.deepEqual([none.stdout.written, none.stderr.written], ["", ""]);
});

Deno.test("a terminal gets colours unless NO_COLOR is set; the journal gets priorities", () => {
  const linesFor = (
    changes: { readonly journal?: boolean; readonly noColour?: boolean },
  ): string => {
    const stderr = new KeptStream(changes.journal !== true);
    const log = configureLogging(
      loggingOf("{timestamps: none}"),
      environment({ ...changes, stderr }),
    );
    getLogger("server").warning("Look");
    log.close();
    return stderr.written;
  };
  assert.equal(linesFor({}), "\x1b[33mwarning\x1b[0m server   Look\n");
  assert.equal(linesFor({ noColour: true }), "warning server   Look\n");
  assert.equal(linesFor({ journal: true }), "<4>server: Look\n");
});

Deno.test("JSON goes to a terminal and to the journal as it is", () => {
  const streams = environment({ journal: true });
  const log = configureLogging(loggingOf("{format: json, timestamps: none}"), streams);
  getLogger("access").info("Refused {client}", { client: "x" });
  log.close();
  assert.deepEqual(JSON.parse(streams.stderr.written), {
    level: "info",
    part: "access",
    message: "Refused x",
    properties: { client: "x" },
  });
});

Deno.test("a log file that cannot be opened is reported on stderr, and lines go there", () => {
  const folder = Deno.makeTempDirSync();
  Deno.removeSync(folder);
  const streams = environment();
  const settings = loggingOf(`{timestamps: none, destinations: [{file: '${folder}/b.log'}]}`);
  const log = configureLogging(settings, streams);
  getLogger("server").info("Started");
  log.close();
  assert.equal(
    streams.stderr.written,
    `warning server   Cannot write the log file '${folder}/b.log': its folder does not exist; ` +
      "trying again\ninfo    server   Started\n",
  );
});

Deno.test("a log file is written, and what was configured before ends", () => {
  const folder = Deno.makeTempDirSync();
  const first = environment();
  const before = configureLogging(loggingOf("{}"), first);
  const second = environment();
  const settings = loggingOf(`{timestamps: none, destinations: [{file: '${folder}/b.log'}]}`);
  const log = configureLogging(settings, second);
  getLogger("server").info("In the file");
  log.close();
  before.close();
  const text = Deno.readTextFileSync(`${folder}/b.log`);
  Deno.removeSync(folder, { recursive: true });
  assert.equal(text, "info    server   In the file\n");
  assert.deepEqual([first.stderr.written, second.stderr.written], ["", ""]);
});

Deno.test("isJournal() compares the stream with JOURNAL_STREAM where it can", () => {
  const stat = () => ({ dev: 9, ino: 1234 });
  const unknown = (): { dev: number; ino: number } => {
    throw new Deno.errors.NotFound();
  };
  assert.deepEqual(
    [
      isJournal("9:1234", false, stat),
      isJournal("9:99", false, stat),
      isJournal("9:1234", true, stat),
      isJournal(undefined, false, stat),
      isJournal("", false, stat),
      isJournal("9:1234", false, unknown),
    ],
    [true, false, false, false, false, true],
  );
});
